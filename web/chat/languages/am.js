/**
 * Amharic texts: what is missing here is shown in English. The names are those of en.js and
 * en-pages.js; those under `page` are the `data-nati-text` of the pages.
 */
export default {
  write: 'መልእክት ይጻፉ…',
  send: 'ላክ',
  today: 'ዛሬ',
  yesterday: 'ትናንት',
  openChat: 'ያነጋግሩን',
  greeting: 'ሰላም! ምን እንርዳዎት?',
  page: {
    logIn: 'ግባ',
    password: 'የይለፍ ቃል',
    name: 'ስም',
  },
};
