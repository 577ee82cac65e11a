-- Sessions of the program's own log-in, and the failed log-ins that are counted against guessing.
SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS tbl_chat_sessions (
  token_hash BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie',
  person_type ENUM('user', 'admin', 'worker') NOT NULL,
  person_id INT NOT NULL,
  password_digest BINARY(32) NOT NULL COMMENT 'SHA-256 of the stored password: a new one ends the session',
  created_at DATETIME NOT NULL COMMENT 'UTC',
  last_used_at DATETIME NOT NULL COMMENT 'UTC',
  expires_at DATETIME NOT NULL COMMENT 'UTC',
  INDEX sessions_of_person (person_type, person_id),
  INDEX sessions_by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tbl_chat_failed_logins (
  subject_hash BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the account name or address',
  failures INT UNSIGNED NOT NULL,
  expires_at DATETIME NOT NULL COMMENT 'UTC',
  INDEX failed_logins_by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0003_sign_in');
