<!doctype html>
<html><head><title>Chats</title></head>
<body>
<div id="chat-list"></div>
<div id="chat-messages" style="height: 300px; overflow: auto"></div>
<textarea id="admin-message-input"></textarea><button id="admin-send" onclick="sendMessage()">Send</button>
<select id="assign-worker"></select>
<script src="../assets/js/jquery.min.js"></script>
<script src="../assets/js/chat.js"></script>
<script>
var current = null;
function openChat(id) {
  current = id;
  $.getJSON("../api/chat/messages.php", { chat_id: id }, function (reply) {
    $("#chat-messages").html(reply.messages.map(function (each) { return "<div>" + each.message + "</div>"; }).join(""));
  });
}
function sendMessage() {
  $.ajax({ url: "../api/chat/send_message.php", method: "POST", contentType: "application/json",
    data: JSON.stringify({ chat_id: current, sender_type: "admin", sender_id: 1, message: $("#admin-message-input").val() }),
    success: function () { $("#admin-message-input").val(""); openChat(current); } });
}
$.getJSON("../api/chat/list.php", { admin_id: 1 }, function (reply) {
  $("#chat-list").html(reply.chats.map(function (chat) { return '<button data-chat="' + chat.chat_id + '" onclick="openChat(' + chat.chat_id + ')">Chat ' + chat.chat_id + "</button>"; }).join(""));
});
</script>
</body></html>
