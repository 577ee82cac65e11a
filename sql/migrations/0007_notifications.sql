-- Who is to be told of what: the bell of every role, the mails for missed messages, and the
-- preferences of people. Triggers are single statements, so that no client needs DELIMITER.
SET SESSION lock_wait_timeout = 5;

-- An event with a recipient says that the recipient's notifications have changed. It is as passing as
-- typing and has that type: a new one would be taken away again whenever 0006 is run once more.
ALTER TABLE tbl_chat_events
  ADD COLUMN IF NOT EXISTS recipient_type ENUM('user', 'admin', 'worker', 'guest') NULL,
  ADD COLUMN IF NOT EXISTS recipient_id INT NULL,
  ALGORITHM = INSTANT;

-- One row for a burst: while it is unread, what follows in the same chat is added to it. `unread` is 1
-- or NULL, so that the unique key holds for unread rows only.
CREATE TABLE IF NOT EXISTS tbl_chat_notifications (
  notification_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  recipient_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  recipient_id INT NOT NULL,
  type ENUM('message', 'assignment', 'escalation', 'closed', 'unanswered', 'guest_left') NOT NULL,
  chat_id INT NOT NULL,
  first_message_id INT NULL COMMENT 'the oldest message it tells of',
  message_id INT NULL COMMENT 'the newest one',
  message_count INT UNSIGNED NOT NULL DEFAULT 0,
  unread TINYINT UNSIGNED NULL DEFAULT 1,
  created_at DATETIME NOT NULL COMMENT 'UTC',
  updated_at DATETIME NOT NULL COMMENT 'UTC',
  read_at DATETIME NULL COMMENT 'UTC',
  escalated_at DATETIME NULL COMMENT 'UTC: when the admins were told that nobody answered',
  site_notification_id INT NULL COMMENT 'the row of tbl_notifications, for admins',
  is_mirrored BOOLEAN NOT NULL DEFAULT 1 COMMENT '0: the row of tbl_notifications is to be made or changed',
  UNIQUE INDEX notification_of_burst (recipient_type, recipient_id, unread, chat_id, type),
  INDEX notifications_of_person (recipient_type, recipient_id, notification_id),
  INDEX notifications_of_chat (chat_id, unread, recipient_type, recipient_id),
  INDEX notifications_unread (unread, type, created_at),
  INDEX notifications_to_mirror (is_mirrored, notification_id),
  CONSTRAINT notification_of_chat FOREIGN KEY (chat_id) REFERENCES tbl_chats (chat_id)
    ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE OR REPLACE TRIGGER chat_notification_made BEFORE INSERT ON tbl_chat_notifications FOR EACH ROW
  SET NEW.is_mirrored = NEW.recipient_type <> 'admin';

CREATE OR REPLACE TRIGGER chat_notification_read BEFORE UPDATE ON tbl_chat_notifications FOR EACH ROW
  SET NEW.is_mirrored = IF(NEW.recipient_type = 'admin' AND NOT (NEW.unread <=> OLD.unread), 0, NEW.is_mirrored),
    NEW.read_at = IF(NEW.unread IS NULL AND OLD.unread = 1, UTC_TIMESTAMP(), NEW.read_at);

CREATE OR REPLACE TRIGGER chat_notification_made_event AFTER INSERT ON tbl_chat_notifications
  FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, recipient_type, recipient_id)
  VALUES (NEW.chat_id, 'typing', NEW.recipient_type, NEW.recipient_id);

CREATE OR REPLACE TRIGGER chat_notification_read_event AFTER UPDATE ON tbl_chat_notifications
  FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, recipient_type, recipient_id)
  SELECT NEW.chat_id, 'typing', NEW.recipient_type, NEW.recipient_id FROM DUAL
  WHERE NOT (NEW.unread <=> OLD.unread);

-- Up to which message of a chat everybody was told. The program does that a moment after a message was
-- written, whoever wrote it: in triggers it would take as long as storing the message itself.
CREATE TABLE IF NOT EXISTS tbl_chat_told (
  chat_id INT NOT NULL PRIMARY KEY,
  message_id INT NOT NULL,
  CONSTRAINT told_of_chat FOREIGN KEY (chat_id) REFERENCES tbl_chats (chat_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Nobody is told of what was written before.
INSERT IGNORE INTO tbl_chat_told (chat_id, message_id)
SELECT m.chat_id, MAX(m.message_id) FROM tbl_chat_messages m
WHERE NOT EXISTS (SELECT 1 FROM tbl_chat_migrations d WHERE d.name = '0007_notifications')
GROUP BY m.chat_id;

-- Reading is followed at once, whichever way somebody reads.
CREATE OR REPLACE TRIGGER chat_read_mark_made_settles AFTER INSERT ON tbl_chat_read_marks FOR EACH ROW
  UPDATE tbl_chat_notifications SET unread = NULL
  WHERE chat_id = NEW.chat_id AND unread = 1 AND recipient_type = NEW.reader_type
    AND recipient_id = NEW.reader_id AND NEW.last_read_message_id > 0
    AND COALESCE(message_id, 0) <= NEW.last_read_message_id;

CREATE OR REPLACE TRIGGER chat_read_mark_moved_settles AFTER UPDATE ON tbl_chat_read_marks
  FOR EACH ROW
  UPDATE tbl_chat_notifications SET unread = NULL
  WHERE chat_id = NEW.chat_id AND unread = 1 AND recipient_type = NEW.reader_type
    AND recipient_id = NEW.reader_id
    AND NEW.last_read_message_id <> OLD.last_read_message_id
    AND COALESCE(message_id, 0) <= NEW.last_read_message_id;

CREATE TABLE IF NOT EXISTS tbl_chat_preferences (
  person_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  person_id INT NOT NULL,
  mail_enabled BOOLEAN NOT NULL DEFAULT 1,
  mail_address VARCHAR(255) NULL COMMENT 'of workers and admins, who have none elsewhere',
  browser_enabled BOOLEAN NOT NULL DEFAULT 1,
  sound_enabled BOOLEAN NOT NULL DEFAULT 1,
  quiet_from SMALLINT UNSIGNED NULL COMMENT 'minutes of the day in the person''s own time',
  quiet_until SMALLINT UNSIGNED NULL,
  utc_offset SMALLINT NOT NULL DEFAULT 0 COMMENT 'minutes east of UTC',
  PRIMARY KEY (person_type, person_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The queue of mails, and the record of those sent. `queued` is 1 or NULL: one mail at a time is under
-- way to a person about a chat.
CREATE TABLE IF NOT EXISTS tbl_chat_mails (
  mail_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  recipient_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  recipient_id INT NOT NULL,
  chat_id INT NOT NULL,
  message_id INT NOT NULL COMMENT 'the newest message it tells of',
  queued TINYINT UNSIGNED NULL DEFAULT 1,
  state ENUM('queued', 'sent', 'failed', 'dropped') NOT NULL DEFAULT 'queued',
  attempts TINYINT UNSIGNED NOT NULL DEFAULT 0,
  next_attempt_at DATETIME NULL COMMENT 'UTC',
  claimed_by BINARY(16) NULL COMMENT 'the process that sends it',
  claimed_until DATETIME NULL COMMENT 'UTC',
  last_error VARCHAR(300) NULL,
  created_at DATETIME NOT NULL COMMENT 'UTC',
  finished_at DATETIME NULL COMMENT 'UTC',
  UNIQUE INDEX mail_under_way (recipient_type, recipient_id, chat_id, queued),
  INDEX mails_due (queued, next_attempt_at),
  INDEX mails_of_chat (chat_id, mail_id),
  CONSTRAINT mail_of_chat FOREIGN KEY (chat_id) REFERENCES tbl_chats (chat_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO tbl_chat_leases (name, expires_at) VALUES ('notifications', '2000-01-01');

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0007_notifications');
