-- The triggers first: they write into what goes after them. Preferences and the record of mails are
-- lost, messages are not.
SET SESSION lock_wait_timeout = 5;

DROP TRIGGER IF EXISTS chat_read_mark_made_settles;

DROP TRIGGER IF EXISTS chat_read_mark_moved_settles;

DROP TABLE IF EXISTS tbl_chat_told;

DROP TABLE IF EXISTS tbl_chat_mails;

DROP TABLE IF EXISTS tbl_chat_preferences;

DROP TABLE IF EXISTS tbl_chat_notifications;

DELETE FROM tbl_chat_leases WHERE name = 'notifications';

DELETE FROM tbl_chat_events WHERE recipient_type IS NOT NULL;

ALTER TABLE tbl_chat_events
  DROP COLUMN IF EXISTS recipient_type,
  DROP COLUMN IF EXISTS recipient_id;

DELETE FROM tbl_chat_migrations WHERE name = '0007_notifications';
