-- The three chat tables of the site, made only where they are missing, and the record of what was
-- applied. Every statement may be run again: a file is repeatable because DDL commits by itself.
SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS tbl_chat_migrations (
  name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tbl_guest_sessions (
  guest_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  session_token VARCHAR(255) NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tbl_chats (
  chat_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT NULL,
  guest_id INT NULL,
  admin_id INT NULL,
  worker_id INT NULL,
  assigned_by INT NULL,
  status ENUM('open', 'closed', 'pending', 'escalated') DEFAULT 'open',
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  FOREIGN KEY (user_id) REFERENCES tbl_user (id) ON DELETE SET NULL,
  FOREIGN KEY (guest_id) REFERENCES tbl_guest_sessions (guest_id) ON DELETE SET NULL,
  FOREIGN KEY (admin_id) REFERENCES tbl_admin (id) ON DELETE SET NULL,
  FOREIGN KEY (worker_id) REFERENCES tbl_worker (id) ON DELETE SET NULL,
  FOREIGN KEY (assigned_by) REFERENCES tbl_admin (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tbl_chat_messages (
  message_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  chat_id INT NOT NULL,
  sender_type ENUM('user', 'admin', 'worker', 'guest') NOT NULL,
  sender_id INT NULL,
  message TEXT NOT NULL,
  is_read BOOLEAN DEFAULT FALSE,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (chat_id) REFERENCES tbl_chats (chat_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0001_chat_tables');
