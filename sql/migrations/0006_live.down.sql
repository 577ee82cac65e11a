-- Events of the new types go; the columns too, which rewrites the tables on servers before 10.4.
SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS tbl_chat_leases;

DROP TABLE IF EXISTS tbl_chat_presence;

CREATE OR REPLACE TRIGGER chat_read_mark_made_event AFTER INSERT ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  VALUES (NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id);

CREATE OR REPLACE TRIGGER chat_read_mark_moved_event AFTER UPDATE ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  SELECT NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id FROM DUAL
  WHERE NEW.last_read_message_id <> OLD.last_read_message_id;

DELETE FROM tbl_chat_read_marks WHERE last_read_message_id = 0;

ALTER TABLE tbl_chat_read_marks
  DROP COLUMN IF EXISTS last_delivered_message_id,
  DROP COLUMN IF EXISTS delivered_at;

DELETE FROM tbl_chat_events WHERE type IN ('delivered', 'presence');

ALTER TABLE tbl_chat_events
  DROP COLUMN IF EXISTS is_online,
  MODIFY COLUMN type ENUM('chat', 'message', 'read', 'status', 'assigned', 'typing') NOT NULL;

DELETE FROM tbl_chat_migrations WHERE name = '0006_live';
