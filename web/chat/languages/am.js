/** Amharic texts: what is missing here is shown in English. The names are those of en.js. */
export default {
  write: 'መልእክት ይጻፉ…',
  send: 'ላክ',
  today: 'ዛሬ',
  yesterday: 'ትናንት',
  openChat: 'ያነጋግሩን',
  greeting: 'ሰላም! ምን እንርዳዎት?',
};
