<?php
require 'connect.php';
$input = json_decode(file_get_contents('php://input'), true);
$query = $db->prepare('INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message) VALUES (?, ?, ?, ?)');
$query->execute([$input['chat_id'], $input['sender_type'], $input['sender_id'], $input['message']]);
$db->prepare('UPDATE tbl_chats SET updated_at = NOW() WHERE chat_id = ?')->execute([$input['chat_id']]);
echo json_encode(['success' => true, 'error' => null]);
