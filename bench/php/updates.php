<?php
// What an idle poll has to ask plainly: what is new in the caller's chats, and how much is unread.
require 'connect.php';
$new = $db->prepare('SELECT m.message_id, m.chat_id, m.sender_type, m.sender_id, m.message, m.is_read, m.created_at FROM tbl_chat_messages m JOIN tbl_chats c ON c.chat_id = m.chat_id WHERE m.message_id > ? AND c.user_id = ? ORDER BY m.message_id');
$new->execute([$_GET['after_id'], $_GET['user_id']]);
$unread = $db->prepare('SELECT COUNT(*) FROM tbl_chat_messages WHERE chat_id = ? AND is_read = 0 AND NOT (sender_type = ? AND sender_id = ?)');
$unread->execute([$_GET['chat_id'], 'user', $_GET['user_id']]);
echo json_encode(['success' => true, 'messages' => $new->fetchAll(PDO::FETCH_ASSOC), 'unread_count' => (int) $unread->fetchColumn(), 'error' => null]);
