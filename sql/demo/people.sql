-- Demo people. Every password is the one scripts/run prints; never load this into a real site.
INSERT IGNORE INTO tbl_admin (full_name, username, password, position) VALUES
  ('Nati Bekele', 'nati', '$2y$10$qUMtnDD88QbmWhhJGfcHSOREJaMxcYyofFqPwuth1d/KT8UDEJFEO', 'superadmin'),
  ('Sara Alemu', 'sara', '$2y$10$sEO8sGUbBbB5ZmJbnytdHOuOMM/buwf/gMcbaLZj9uTxqtyeGPkc6', 'admin');
INSERT IGNORE INTO tbl_worker (full_name, username, password) VALUES
  ('Dawit Tesfaye', 'dawit', '$2y$10$XrKzq8ekdyDhUZ0JG7zngOLMP5SISz3cP.TQdpwGChusVlNsvMC/u'),
  ('Hana Girma', 'hana', '$2y$10$6v1v4NdmX9RsACy.dQW3xe3xcE8g/jKJTF0M2naz7llAyBAhWWLSu');
INSERT IGNORE INTO tbl_user (name, email, phonenum, car_brand, password) VALUES
  ('Abel Kebede', 'abel@example.com', '+251911000001', 'Toyota', '$2y$10$GDm/.QrrAy.CWMgl772hSOSLpsqAaYK6dU6piKKdNXJO62kR3JRqe'),
  ('ሊዲያ ወርቁ', 'lidia@example.com', '+251911000002', 'Hyundai', '$2y$10$XzKtTiC4HtB8aDxQiJSFjeUyqvSWMNGiowoNmUk0ZzI1deu5tnSRu');
