<?php
// The list page as the site has it: its own script fills the list; the stretched link covers the page.
session_start();
?><!doctype html>
<html><head><title>Chats</title>
<style>.stretched-link::after { position: absolute; inset: 0; z-index: 1; content: "" }</style>
<link rel="stylesheet" href="assets/css/nati-chat.css"></head>
<body>
<script>window.SENDER_TYPE = "user"; window.SENDER_ID = "<?= (int) $_SESSION['user_id'] ?>";</script>
<button id="start-chat-btn">Start chat</button>
<div id="chat-list-container"></div>
<script src="assets/js/jquery.min.js"></script>
<script>
function load() {
  $.getJSON("api/chat/list.php", { user_id: window.SENDER_ID }, function (reply) {
    $("#chat-list-container").html(reply.chats.map(function (chat) {
      return '<div class="chatscree2-content"><a class="stretched-link" href="single-chat-screen.php?chat_id=' + chat.chat_id + '">Chat ' + chat.chat_id + "</a></div>";
    }).join(""));
  });
}
$("#start-chat-btn").on("click", function () {
  $.post("api/chat/start.php", { user_id: window.SENDER_ID }, function (reply) {
    location.href = "single-chat-screen.php?chat_id=" + reply.chat_id;
  }, "json");
});
load();
</script>
</body></html>
