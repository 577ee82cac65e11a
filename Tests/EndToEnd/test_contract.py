"""The request sequences of the site's existing pages (site contract, section 3)."""

import json

import pytest


@pytest.mark.parametrize("base,suffix", [
    ("", ""), ("", ".php"), ("/admin", ".php"), ("/admin/workers", ""), ("/automotive", ".php")])
def test_customer_and_admin_pages(browser, people, base, suffix):
    customer_id = people.customer().id
    customer = browser(base).php_login(user=customer_id)
    started = customer.good(customer.form(f"chat/start{suffix}", user_id=customer_id))
    assert started["status"] == "open"
    chat_id = started["chat_id"]
    sent = customer.good(customer.post(
        f"chat/send_message{suffix}", chat_id=str(chat_id), sender_type="user",
        sender_id=str(customer_id), message="  ሰላም <b>x</b> & 'y' 😀 "))

    (message,) = customer.good(customer.get(f"chat/messages{suffix}", chat_id=chat_id))["messages"]
    assert message == {
        "message_id": sent["message_id"], "chat_id": chat_id, "sender_type": "user",
        "sender_id": customer_id,
        "message": "ሰላም &lt;b&gt;x&lt;/b&gt; &amp; &#39;y&#39; 😀",
        "text": "ሰላም <b>x</b> & 'y' 😀", "is_read": 0, "created_at": message["created_at"],
        "timestamp": message["created_at"].replace(" ", "T") + "Z", "sender_name": "Abel Test",
        "sender_role": "customer", "avatar": None, "client_message_id": None,
        "delivered": False}

    admin = browser(base).php_login(admin=1)
    (chat,) = [chat for chat in admin.good(admin.get(f"chat/list{suffix}", admin_id=1))["chats"]
               if chat["chat_id"] == chat_id]
    assert {name: chat[name] for name in (
        "user_id", "guest_id", "admin_id", "worker_id", "assigned_by", "status")} == {
            "user_id": customer_id, "guest_id": None, "admin_id": None, "worker_id": None,
            "assigned_by": None, "status": "open"}
    unread = admin.good(admin.get(f"chat/unread_count{suffix}", chat_id=chat_id,
                                  sender_type="admin", sender_id=1))
    assert unread["unread_count"] == 1

    (technician,) = [each for each in
                     admin.good(admin.get(f"chat/get_technicians{suffix}"))["technicians"]
                     if each["id"] == 1]
    assert technician["full_name"] == "Dawit Tesfaye"
    assert technician["image_url"] is None
    admin.good(admin.post(f"chat/assign_worker{suffix}", chat_id=chat_id, worker_id="1",
                          assigned_by=1))
    worker = browser(base).php_login(worker=1)
    assert chat_id in [chat["chat_id"] for chat in
                       worker.good(worker.get(f"chat/list{suffix}", worker_id="1"))["chats"]]
    worker.good(worker.form(f"chat/send_message{suffix}", chat_id=chat_id, sender_type="worker",
                            sender_id=1, message="On it"))
    assert [m["sender_type"] for m in customer.messages(chat_id)] == ["user", "worker"]
    closed = admin.good(admin.post(f"chat/close{suffix}", chat_id=chat_id, role="admin"))
    assert closed["status"] == "closed"


def test_several_identities_in_one_session(browser, people):
    customer_id = people.customer().id
    both = browser().php_login(user=customer_id, admin=2)
    assert [who["type"] for who in both.good(both.get("auth/me"))["identities"]] == [
        "user", "admin"]
    chat_id = both.good(both.form("chat/start", user_id=customer_id))["chat_id"]
    sent = both.send(chat_id, "as the garage", sender_type="admin", sender_id="2")
    assert (sent["message"]["sender_type"], sent["message"]["sender_id"]) == ("admin", 2)
    assert both.send(chat_id, "as the customer")["message"]["sender_type"] == "user"
    assert both.send(chat_id, "by name", **{"as": "admin"})["message"]["sender_type"] == "admin"
    for claim in ({"sender_type": "worker", "sender_id": 1}, {"sender_type": "admin", "sender_id": 1},
                  {"sender_type": "user", "sender_id": customer_id + 1}, {"as": "worker"},
                  {"as": "admin", "sender_type": "user", "sender_id": customer_id}):
        assert both.post("chat/send_message", chat_id=chat_id, message="x", **claim)[0] == 403, claim
    assert both.get("chat/list", user_id=customer_id + 1)[0] == 403
    assert both.post("chat/assign_worker", chat_id=chat_id, worker_id=1, assigned_by=1)[0] == 403
    assert both.post("chat/close", chat_id=chat_id, role="worker")[0] == 403
    # A garage owner's own chat: the id of another customer is the one to chat with.
    other = people.customer().id
    started = both.good(both.post("chat/start", user_id=other, **{"as": "admin"}))
    assert (started["chat"]["user_id"], started["chat"]["admin_id"]) == (other, 2)


def test_old_statements_go_on_working(browser, people, database):
    customer = people.customer()
    site = browser()
    answer = site.raw("POST", "/legacy.php", data={"socket": database.socket, "user": customer.id})
    old = json.loads(answer.text)
    assert old["messages"][0]["message"] == "from the old page"
    (message,) = customer.messages(old["chat_id"])
    assert (message["text"], message["is_read"]) == ("from the old page", 1)
    types = [row["type"] for row in database.query(
        "SELECT type FROM tbl_chat_events WHERE chat_id = %s AND recipient_id IS NULL"
        " ORDER BY event_id", old["chat_id"])]
    assert types == ["chat", "message", "assigned"]
