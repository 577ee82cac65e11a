<?php
// The conversation page as the site has it: globals, markup and the order of its scripts.
session_start();
?><!doctype html>
<html><head><title>Chat</title>
<style>.chat { height: 400px } .messages { height: 300px } .message { background: #eee } .message-personal { background: #cfc }</style></head>
<body>
<script>
window.SENDER_TYPE = "user";
window.SENDER_ID = "<?= (int) $_SESSION['user_id'] ?>";
window.CHAT_ID = "<?= (int) $_GET['chat_id'] ?>";
</script>
<div class="chat"><div class="messages"><div class="messages-content"></div></div>
<div class="message-box">
<button type="button" class="message-submit"><i class="messages-plus-icon">+</i></button>
<textarea class="message-input" placeholder="Type message..."></textarea>
<button type="button" class="message-submit">Send</button>
</div></div>
<script src="assets/js/jquery.min.js"></script>
<script src="assets/js/chat.js"></script>
</body></html>
