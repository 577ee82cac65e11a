-- The chat tables hold people's history and may have been the site's own: they stay.
SET SESSION lock_wait_timeout = 5;

DROP TABLE IF EXISTS tbl_chat_migrations;
