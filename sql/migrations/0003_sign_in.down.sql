-- Everybody who logged in at the program has to log in again; PHP sessions are not touched.
SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS tbl_chat_failed_logins;

DROP TABLE IF EXISTS tbl_chat_sessions;

DELETE FROM tbl_chat_migrations WHERE name = '0003_sign_in';
