-- The chat tables as some installs of the site have them, with rows.
CREATE TABLE tbl_guest_sessions (
  guest_id INT AUTO_INCREMENT PRIMARY KEY,
  session_token VARCHAR(255) NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE tbl_chats (
  chat_id INT AUTO_INCREMENT PRIMARY KEY,
  user_id INT NULL, guest_id INT NULL, admin_id INT NULL, worker_id INT NULL, assigned_by INT NULL,
  status ENUM('open','closed','pending','escalated') DEFAULT 'open',
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  FOREIGN KEY (user_id) REFERENCES tbl_user(id) ON DELETE SET NULL,
  FOREIGN KEY (guest_id) REFERENCES tbl_guest_sessions(guest_id) ON DELETE SET NULL,
  FOREIGN KEY (admin_id) REFERENCES tbl_admin(id) ON DELETE SET NULL,
  FOREIGN KEY (worker_id) REFERENCES tbl_worker(id) ON DELETE SET NULL,
  FOREIGN KEY (assigned_by) REFERENCES tbl_admin(id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE tbl_chat_messages (
  message_id INT AUTO_INCREMENT PRIMARY KEY,
  chat_id INT NOT NULL,
  sender_type ENUM('user','admin','worker','guest') NOT NULL,
  sender_id INT NULL,
  message TEXT NOT NULL,
  is_read BOOLEAN DEFAULT FALSE,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (chat_id) REFERENCES tbl_chats(chat_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
INSERT INTO tbl_guest_sessions (session_token) VALUES ('abc');
INSERT IGNORE INTO tbl_user (id, name, email, phonenum, password) VALUES (1, 'A', 'a@example.com', '', '');
INSERT INTO tbl_chats (user_id) VALUES (1), (NULL);
INSERT INTO tbl_chats (guest_id, status) VALUES (1, 'closed');
INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message, is_read) VALUES
  (1, 'user', 1, 'ሰላም', 1), (1, 'admin', NULL, '<b>hi</b>', 0), (3, 'guest', 1, 'bye', NULL);
