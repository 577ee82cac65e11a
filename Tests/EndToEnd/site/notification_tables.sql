-- The site's own tables of notifications, with the columns that every install has.
CREATE TABLE tbl_notifications (
  id INT AUTO_INCREMENT PRIMARY KEY,
  type VARCHAR(50) NOT NULL,
  reference_id INT,
  message TEXT,
  recipient_id INT,
  is_read TINYINT DEFAULT 0,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (recipient_id) REFERENCES tbl_admin (id)
);

CREATE TABLE tbl_notification_preferences (
  id INT AUTO_INCREMENT PRIMARY KEY,
  admin_id INT,
  notification_type VARCHAR(50),
  is_enabled TINYINT DEFAULT 1,
  email_enabled TINYINT DEFAULT 1,
  sound_enabled TINYINT DEFAULT 1,
  FOREIGN KEY (admin_id) REFERENCES tbl_admin (id)
);

CREATE TABLE notification_config (
  config_key VARCHAR(100) UNIQUE,
  config_value TEXT,
  config_type VARCHAR(20),
  is_active TINYINT DEFAULT 1
);
