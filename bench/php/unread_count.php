<?php
require 'connect.php';
$query = $db->prepare('SELECT COUNT(*) FROM tbl_chat_messages WHERE chat_id = ? AND is_read = 0 AND NOT (sender_type = ? AND sender_id = ?)');
$query->execute([$_GET['chat_id'], $_GET['sender_type'], $_GET['sender_id']]);
echo json_encode(['success' => true, 'unread_count' => (int) $query->fetchColumn(), 'error' => null]);
