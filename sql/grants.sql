-- The least the running program needs, on a database named `nati`. Migrations are run by an account
-- of the DBA's that owns the schema (ALTER, CREATE, DROP, INDEX, REFERENCES, TRIGGER): the triggers
-- run with that account's rights, so the program itself never needs them.
-- Make the account first: CREATE USER 'nati_chat'@'localhost' IDENTIFIED BY '…';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_user TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_admin TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_worker TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_guest_sessions TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chats TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chat_messages TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chat_read_marks TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON nati.tbl_chat_sessions TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON nati.tbl_chat_failed_logins TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, DELETE ON nati.tbl_chat_events TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chat_presence TO 'nati_chat'@'localhost';
GRANT SELECT, UPDATE ON nati.tbl_chat_leases TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON nati.tbl_chat_notifications TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chat_told TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE ON nati.tbl_chat_preferences TO 'nati_chat'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON nati.tbl_chat_mails TO 'nati_chat'@'localhost';
GRANT SELECT ON nati.tbl_chat_migrations TO 'nati_chat'@'localhost';
-- Tables that only some installs have. Without these rights the chat works all the same: the site's own
-- bell does not show it, and the site's own settings of mail and notifications are not read.
-- GRANT SELECT, INSERT, UPDATE ON nati.tbl_notifications TO 'nati_chat'@'localhost';
-- GRANT SELECT, UPDATE ON nati.tbl_notification_preferences TO 'nati_chat'@'localhost';
-- GRANT SELECT ON nati.notification_config TO 'nati_chat'@'localhost';
