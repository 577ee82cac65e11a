-- How far each person has read each chat. Without a foreign key to people: the type names the table.
SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS tbl_chat_read_marks (
  chat_id INT NOT NULL,
  reader_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  reader_id INT NOT NULL,
  last_read_message_id INT NOT NULL,
  read_at DATETIME NOT NULL COMMENT 'UTC',
  PRIMARY KEY (chat_id, reader_type, reader_id),
  CONSTRAINT read_mark_of_chat FOREIGN KEY (chat_id) REFERENCES tbl_chats (chat_id)
    ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0004_read_marks');
