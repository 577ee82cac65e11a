-- The triggers go before the table they write to.
SET SESSION lock_wait_timeout = 5;

DROP TRIGGER IF EXISTS chat_read_mark_moved_event;

DROP TRIGGER IF EXISTS chat_read_mark_made_event;

DROP TRIGGER IF EXISTS chat_changed_event;

DROP TRIGGER IF EXISTS chat_started_event;

DROP TRIGGER IF EXISTS chat_message_event;

DROP TRIGGER IF EXISTS chat_message_locks_chat;

DROP TABLE IF EXISTS tbl_chat_events;

DELETE FROM tbl_chat_migrations WHERE name = '0005_events';
