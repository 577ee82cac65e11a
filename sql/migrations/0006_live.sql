-- What live updates need: marks of delivery, who is online, and which process does the upkeep.
SET SESSION lock_wait_timeout = 5;

ALTER TABLE tbl_chat_events
  MODIFY COLUMN type ENUM('chat', 'message', 'read', 'status', 'assigned', 'typing', 'delivered',
    'presence') NOT NULL,
  ADD COLUMN IF NOT EXISTS is_online BOOLEAN NULL,
  ALGORITHM = INSTANT;

ALTER TABLE tbl_chat_read_marks
  ADD COLUMN IF NOT EXISTS last_delivered_message_id INT NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS delivered_at DATETIME NULL COMMENT 'UTC',
  ALGORITHM = INSTANT;

-- A row is made by the first delivery, before anything is read: then nothing is said of reading.
CREATE OR REPLACE TRIGGER chat_read_mark_made_event AFTER INSERT ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  SELECT NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id FROM DUAL
  WHERE NEW.last_read_message_id > 0
  UNION ALL
  SELECT NEW.chat_id, 'delivered', NEW.last_delivered_message_id, NEW.reader_type, NEW.reader_id
  FROM DUAL
  WHERE NEW.last_delivered_message_id > NEW.last_read_message_id;

CREATE OR REPLACE TRIGGER chat_read_mark_moved_event AFTER UPDATE ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  SELECT NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id FROM DUAL
  WHERE NEW.last_read_message_id <> OLD.last_read_message_id
  UNION ALL
  SELECT NEW.chat_id, 'delivered', NEW.last_delivered_message_id, NEW.reader_type, NEW.reader_id
  FROM DUAL
  WHERE NEW.last_delivered_message_id > OLD.last_delivered_message_id
    AND NEW.last_delivered_message_id > NEW.last_read_message_id;

CREATE TABLE IF NOT EXISTS tbl_chat_presence (
  person_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  person_id INT NOT NULL,
  is_online BOOLEAN NOT NULL,
  last_seen_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (person_type, person_id),
  INDEX presence_by_age (is_online, last_seen_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE OR REPLACE TRIGGER chat_presence_made_event AFTER INSERT ON tbl_chat_presence FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, person_type, person_id, is_online)
  VALUES (0, 'presence', NEW.person_type, NEW.person_id, NEW.is_online);

CREATE OR REPLACE TRIGGER chat_presence_changed_event AFTER UPDATE ON tbl_chat_presence FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, person_type, person_id, is_online)
  SELECT 0, 'presence', NEW.person_type, NEW.person_id, NEW.is_online FROM DUAL
  WHERE NEW.is_online <> OLD.is_online;

CREATE TABLE IF NOT EXISTS tbl_chat_leases (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  owner BINARY(16) NULL COMMENT 'the process that does the work',
  expires_at DATETIME NOT NULL COMMENT 'UTC'
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO tbl_chat_leases (name, expires_at) VALUES ('prune events', '2000-01-01');

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0006_live');
