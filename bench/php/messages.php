<?php
require 'connect.php';
$query = $db->prepare('SELECT message_id, sender_type, sender_id, message, is_read, created_at FROM tbl_chat_messages WHERE chat_id = ? ORDER BY created_at ASC');
$query->execute([$_GET['chat_id']]);
echo json_encode(['success' => true, 'messages' => $query->fetchAll(PDO::FETCH_ASSOC), 'error' => null]);
