-- Nullable columns (the site's own statements go on working) and the indexes that lists, history
-- and unread counts need. Columns are added without touching the rows, indexes without locks.
SET SESSION lock_wait_timeout = 5;

ALTER TABLE tbl_guest_sessions
  ADD COLUMN IF NOT EXISTS token_hash BINARY(32) NULL COMMENT 'SHA-256 of the guest token',
  ADD COLUMN IF NOT EXISTS name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
  ADD COLUMN IF NOT EXISTS email VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
  ADD COLUMN IF NOT EXISTS last_active_at DATETIME NULL COMMENT 'UTC',
  ALGORITHM = INSTANT;

ALTER TABLE tbl_guest_sessions
  ADD UNIQUE INDEX IF NOT EXISTS guest_token (token_hash),
  ALGORITHM = INPLACE, LOCK = NONE;

ALTER TABLE tbl_chats
  ADD COLUMN IF NOT EXISTS subject VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
  ALGORITHM = INSTANT;

ALTER TABLE tbl_chats
  ADD INDEX IF NOT EXISTS chats_by_activity (updated_at, chat_id),
  ADD INDEX IF NOT EXISTS chats_of_status (status, updated_at, chat_id),
  ADD INDEX IF NOT EXISTS chats_of_user (user_id, updated_at, chat_id),
  ADD INDEX IF NOT EXISTS chats_of_guest (guest_id, updated_at, chat_id),
  ADD INDEX IF NOT EXISTS chats_of_worker (worker_id, updated_at, chat_id),
  ALGORITHM = INPLACE, LOCK = NONE;

ALTER TABLE tbl_chat_messages
  ADD COLUMN IF NOT EXISTS client_message_id BINARY(16) NULL COMMENT 'UUID made by the sender',
  ALGORITHM = INSTANT;

ALTER TABLE tbl_chat_messages
  ADD INDEX IF NOT EXISTS messages_of_chat (chat_id, message_id, sender_type, sender_id),
  ADD UNIQUE INDEX IF NOT EXISTS message_sent_once
    (chat_id, sender_type, sender_id, client_message_id),
  ALGORITHM = INPLACE, LOCK = NONE;

INSERT IGNORE INTO tbl_chat_migrations (name) VALUES ('0002_columns_and_indexes');
