-- Unread counts fall back to the is_read column of the messages.
SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS tbl_chat_read_marks;

DELETE FROM tbl_chat_migrations WHERE name = '0004_read_marks';
