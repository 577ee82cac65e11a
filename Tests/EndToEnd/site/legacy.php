<?php
// The statements of the site's old endpoints, with the columns they name.
$db = new PDO('mysql:unix_socket=' . $_POST['socket'] . ';dbname=nati;charset=utf8mb4', 'root', '');
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$db->prepare('INSERT INTO tbl_chats (user_id, status) VALUES (?, ?)')->execute([$_POST['user'], 'open']);
$chat = $db->lastInsertId();
$db->prepare('INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message) VALUES (?, ?, ?, ?)')
    ->execute([$chat, 'user', $_POST['user'], 'from the old page']);
$db->prepare('UPDATE tbl_chats SET worker_id = ?, assigned_by = ? WHERE chat_id = ?')->execute([1, 1, $chat]);
$db->prepare('UPDATE tbl_chat_messages SET is_read = 1 WHERE chat_id = ?')->execute([$chat]);
$rows = $db->query("SELECT * FROM tbl_chat_messages WHERE chat_id = $chat ORDER BY created_at ASC")->fetchAll(PDO::FETCH_ASSOC);
$db->prepare('INSERT INTO tbl_guest_sessions (session_token) VALUES (?)')->execute(['old-token']);
header('Content-Type: application/json');
echo json_encode(['chat_id' => (int) $chat, 'messages' => $rows]);
