-- The event log: one row for every change of a chat, written by triggers in the writer's own
-- transaction, whoever writes. Triggers are single statements, so that no client needs DELIMITER.
SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS tbl_chat_events (
  event_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  chat_id INT NOT NULL,
  type ENUM('chat', 'message', 'read', 'status', 'assigned', 'typing') NOT NULL,
  message_id INT NULL,
  person_type ENUM('user', 'admin', 'worker', 'guest') NULL,
  person_id INT NULL,
  status ENUM('open', 'closed', 'pending', 'escalated') NULL,
  worker_id INT NULL,
  previous_worker_id INT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  INDEX events_of_chat (chat_id, event_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Takes the chat's row lock before the message's id is drawn: within a chat the order of ids is the
-- order of commits. A customer who writes into a chat that waits for the customer opens it again.
CREATE OR REPLACE TRIGGER chat_message_locks_chat BEFORE INSERT ON tbl_chat_messages FOR EACH ROW
  UPDATE tbl_chats
  SET updated_at = CURRENT_TIMESTAMP,
    status = IF(status = 'pending' AND NEW.sender_type IN ('user', 'guest'), 'open', status)
  WHERE chat_id = NEW.chat_id;

CREATE OR REPLACE TRIGGER chat_message_event AFTER INSERT ON tbl_chat_messages FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  VALUES (NEW.chat_id, 'message', NEW.message_id, NEW.sender_type, NEW.sender_id);

CREATE OR REPLACE TRIGGER chat_started_event AFTER INSERT ON tbl_chats FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, status, worker_id)
  VALUES (NEW.chat_id, 'chat', NEW.status, NEW.worker_id);

CREATE OR REPLACE TRIGGER chat_changed_event AFTER UPDATE ON tbl_chats FOR EACH ROW
  INSERT INTO tbl_chat_events
    (chat_id, type, status, person_type, person_id, worker_id, previous_worker_id)
  SELECT NEW.chat_id, 'status', NEW.status, NULL, NULL, NEW.worker_id, NULL FROM DUAL
  WHERE NOT (NEW.status <=> OLD.status)
  UNION ALL
  SELECT NEW.chat_id, 'assigned', NEW.status, IF(NEW.assigned_by IS NULL, NULL, 'admin'),
    NEW.assigned_by, NEW.worker_id, OLD.worker_id FROM DUAL
  WHERE NOT (NEW.worker_id <=> OLD.worker_id);

CREATE OR REPLACE TRIGGER chat_read_mark_made_event AFTER INSERT ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  VALUES (NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id);

CREATE OR REPLACE TRIGGER chat_read_mark_moved_event AFTER UPDATE ON tbl_chat_read_marks FOR EACH ROW
  INSERT INTO tbl_chat_events (chat_id, type, message_id, person_type, person_id)
  SELECT NEW.chat_id, 'read', NEW.last_read_message_id, NEW.reader_type, NEW.reader_id FROM DUAL
  WHERE NEW.last_read_message_id <> OLD.last_read_message_id;

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0005_events');
