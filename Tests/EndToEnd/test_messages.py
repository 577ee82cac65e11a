"""Messages, lists, unread counts and states as people meet them."""

import concurrent.futures
import uuid

import pytest


def test_a_retry_returns_the_first_message(people):
    customer = people.customer()
    chat_id = customer.start()
    key = str(uuid.uuid4())
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(
            lambda _: customer.send(chat_id, "once", client_message_id=key), range(12)))
    assert len({reply["message_id"] for reply in replies}) == 1
    assert sorted(reply["duplicate"] for reply in replies) == [False] + [True] * 11
    (message,) = customer.messages(chat_id)
    assert message["client_message_id"] == key
    # Also after the chat was closed: the answer to the first try may have been lost.
    admin = people.admin()
    admin.good(admin.post("chat/close", chat_id=chat_id))
    assert customer.send(chat_id, "once", client_message_id=key.upper())["duplicate"] is True
    assert "client_message_id" not in admin.messages(chat_id)[0]
    # The key is the sender's own: another person's same key is another message.
    admin.good(admin.post("chat/reopen", chat_id=chat_id))
    assert admin.send(chat_id, "mine", client_message_id=key)["duplicate"] is False


def test_starting_twice_gives_one_chat(people):
    customer = people.customer()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        chats = set(pool.map(lambda _: customer.start(subject="Brakes"), range(8)))
    assert len(chats) == 1
    chat_id = chats.pop()
    customer.send(chat_id, "first")
    assert customer.start() != chat_id
    key = str(uuid.uuid4())
    first = customer.start(message="hello", client_message_id=key)
    assert customer.start(message="hello", client_message_id=key) == first
    assert [m["text"] for m in customer.messages(first)] == ["hello"]


def test_history_in_pages(people):
    customer = people.customer()
    chat_id = customer.start()
    ids = [customer.send(chat_id, f"message {number}")["message_id"] for number in range(7)]
    newest = customer.good(customer.get("chat/messages", chat_id=chat_id, limit=3))
    assert [m["message_id"] for m in newest["messages"]] == ids[4:] and newest["has_more"]
    older = customer.good(customer.get("chat/messages", chat_id=chat_id, limit=4, before_id=ids[4]))
    assert [m["message_id"] for m in older["messages"]] == ids[:4] and not older["has_more"]
    after = customer.good(customer.get("chat/messages", chat_id=chat_id, limit=2, after_id=ids[1]))
    assert [m["message_id"] for m in after["messages"]] == ids[2:4] and after["has_more"]
    assert customer.messages(chat_id, after_id=ids[-1]) == []


@pytest.mark.parametrize("text", [
    "ሰላም፣ መኪናዬ ድምፅ ያሰማል", "👨‍👩‍👧 🚗💨", "עברית ‏ltr", "line\nbreak\ttab", "a" * 4000, "😀" * 4000,
    "'; DROP TABLE tbl_chats; -- \\ \" `", "in the \u2028 middle"])
def test_text_is_stored_as_written(people, text):
    customer = people.customer()
    chat_id = customer.start()
    assert customer.send(chat_id, text)["message"]["text"] == text
    assert customer.messages(chat_id)[0]["text"] == text
    assert customer.form("chat/send_message", chat_id=chat_id, message=text)[0] == 200


@pytest.mark.parametrize("text", ["", "   \n ", "a" * 4001, "nul\x00", "bell\x07", "\x1b[31m"])
def test_text_that_is_refused(people, text):
    customer = people.customer()
    chat_id = customer.start()
    assert customer.post("chat/send_message", chat_id=chat_id, message=text)[0] == 422
    assert customer.messages(chat_id) == []


def test_unread_is_per_reader_and_is_read_is_for_the_other_side(people):
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    chat_id = customer.start()
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    ids = [customer.send(chat_id, f"question {number}")["message_id"] for number in range(3)]

    def unread(client):
        one = client.good(client.get("chat/unread_count", chat_id=chat_id))["unread_count"]
        total = client.good(client.get("chat/unread_count"))
        assert total["chats"].get(str(chat_id), 0) == one
        assert total["unread_count"] == sum(total["chats"].values())
        (listed,) = [c for c in client.good(client.get("chat/list"))["chats"]
                     if c["chat_id"] == chat_id]
        assert listed["unread_count"] == one
        return one

    assert (unread(customer), unread(worker), unread(admin)) == (0, 3, 3)
    mark = worker.good(worker.post("chat/mark_read", chat_id=chat_id, message_id=ids[1]))
    assert (mark["last_read_message_id"], mark["unread_count"]) == (ids[1], 1)
    assert (unread(customer), unread(worker), unread(admin)) == (0, 1, 3)
    assert [m["is_read"] for m in customer.messages(chat_id)] == [1, 1, 0]
    # Never back.
    back = worker.good(worker.post("chat/mark_read", chat_id=chat_id, message_id=ids[0]))
    assert back["last_read_message_id"] == ids[1]
    worker.send(chat_id, "answer")
    assert (unread(customer), unread(worker), unread(admin)) == (1, 1, 4)
    # A colleague's reading does not make the answer read for the customer.
    admin.good(admin.post("chat/mark_read", chat_id=chat_id))
    assert [m["is_read"] for m in customer.messages(chat_id)] == [1, 1, 1, 0]
    customer.good(customer.post("chat/mark_read", chat_id=chat_id))
    assert [m["is_read"] for m in worker.messages(chat_id)] == [1, 1, 1, 1]
    assert (unread(customer), unread(admin)) == (0, 0)
    # Closed is dealt with: staff's totals forget it.
    customer.send(chat_id, "one more")
    worker.good(worker.post("chat/close", chat_id=chat_id))
    assert str(chat_id) not in admin.good(admin.get("chat/unread_count"))["chats"]


def test_states_of_a_chat(people):
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    chat_id = customer.start()
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))

    def status():
        (chat,) = customer.good(customer.get("chat/list"))["chats"]
        return chat["status"]

    assert worker.post("chat/pending", chat_id=chat_id)[0] == 200 and status() == "pending"
    customer.send(chat_id, "here is my answer")
    assert status() == "open"
    assert worker.post("chat/escalate", chat_id=chat_id)[0] == 200 and status() == "escalated"
    assert worker.post("chat/escalate", chat_id=chat_id)[0] == 409
    assert worker.post("chat/reopen", chat_id=chat_id)[0] == 403
    assert admin.post("chat/reopen", chat_id=chat_id)[0] == 200 and status() == "open"
    assert admin.post("chat/reopen", chat_id=chat_id)[0] == 409
    assert worker.post("chat/close", chat_id=chat_id, role="worker")[0] == 200
    assert worker.post("chat/close", chat_id=chat_id)[0] == 409 and status() == "closed"
    for client in (customer, worker, admin):
        assert client.post("chat/send_message", chat_id=chat_id, message="late")[0] == 409
    assert admin.post("chat/assign_worker", chat_id=chat_id, worker_id=None)[0] == 409
    assert worker.post("chat/reopen", chat_id=chat_id)[0] == 200 and status() == "open"


def test_assigning_and_taking_off(people):
    customer, admin = people.customer(), people.admin()
    first, second = people.worker("First Worker"), people.worker("Second Worker")
    chat_id = customer.start()
    for worker in (first, second):
        admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=str(worker.id)))
    assert first.get("chat/messages", chat_id=chat_id)[0] == 404
    assert second.get("chat/messages", chat_id=chat_id)[0] == 200
    (chat,) = customer.good(customer.get("chat/list"))["chats"]
    assert chat["assigned"]["name"] == chat["other"]["name"] == "Second Worker"
    assert chat["assigned_by"] == admin.id
    assert admin.post("chat/assign_worker", chat_id=chat_id, worker_id=999999)[0] == 422
    assert admin.post("chat/assign_worker", chat_id=chat_id)[0] == 422
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=None))
    assert second.get("chat/messages", chat_id=chat_id)[0] == 404


def test_staff_start_chats(people):
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    started = worker.good(worker.post("chat/start", user_id=customer.id, message="Your car is ready"))
    assert started["chat"]["worker_id"] == worker.id
    assert [m["text"] for m in customer.messages(started["chat_id"])] == ["Your car is ready"]
    among = admin.good(admin.post("chat/start", worker_id=worker.id))
    assert among["chat"]["other"]["id"] == worker.id
    assert worker.good(worker.post("chat/start", admin_id=admin.id))["chat_id"] == among["chat_id"]
    worker.send(among["chat_id"], "colleague")
    assert customer.get("chat/messages", chat_id=among["chat_id"])[0] == 404
    assert admin.post("chat/assign_worker", chat_id=among["chat_id"], worker_id=1)[0] == 409
    assert admin.post("chat/start")[0] == 422
    assert admin.post("chat/start", user_id=2147483647)[0] == 422


def test_an_admin_who_writes_takes_part(people):
    customer, admin = people.customer(), people.admin()
    chat_id = customer.start()
    admin.send(chat_id, "Hello")
    (chat,) = customer.good(customer.get("chat/list"))["chats"]
    assert (chat["admin_id"], chat["other"]["name"]) == (admin.id, "Nati Bekele")
    second = people.browser().login("sara", "demo-admin")
    second.send(chat_id, "Me too")
    (chat,) = customer.good(customer.get("chat/list"))["chats"]
    assert chat["admin_id"] == admin.id
    assert [m["sender_name"] for m in customer.messages(chat_id)] == ["Nati Bekele", "Sara Alemu"]


def test_list_filters_and_pages(people):
    admin, worker = people.admin(), people.worker()
    name = f"100%_{uuid.uuid4().hex[:6]}"
    customer = people.customer(name)
    chats = []
    for subject in ("oil", "50% off", "brakes"):
        chats.append(customer.start(subject=subject, message=f"about {subject}"))
    admin.good(admin.post("chat/assign_worker", chat_id=chats[0], worker_id=worker.id))
    admin.good(admin.post("chat/close", chat_id=chats[1]))

    def listed(**filters):
        reply = admin.good(admin.get("chat/list", customer=customer.id, **filters))
        return [chat["chat_id"] for chat in reply["chats"]]

    assert sorted(listed()) == sorted(chats)
    assert listed(status="closed") == [chats[1]]
    assert sorted(listed(status="active")) == sorted([chats[0], chats[2]])
    assert listed(assigned_to=worker.id) == [chats[0]]
    assert sorted(listed(assigned_to="none")) == sorted(chats[1:])
    assert listed(q="0% OFF") == [chats[1]]
    assert listed(q="o_l") == [] and listed(q="!") == []
    assert len(listed(q=name)) == 3
    assert listed(guest="any") == []
    for wrong in ({"status": "open; DROP"}, {"limit": 0}, {"limit": 101}, {"page_token": "zz"},
                  {"page_token": "41"}, {"assigned_to": "x"}):
        assert admin.get("chat/list", **wrong)[0] == 422, wrong
    pages, token = [], ""
    while token is not None:
        page = customer.good(customer.get("chat/list", limit=1, page_token=token))
        pages += [chat["chat_id"] for chat in page["chats"]]
        token = page["next_page_token"]
    assert pages == [chat["chat_id"] for chat in customer.good(customer.get("chat/list"))["chats"]]


def test_a_list_takes_a_fixed_number_of_statements(people, database):
    customer, admin = people.customer(), people.admin()

    def executed():
        return int(database.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0]["Value"])

    def statements(limit):
        admin.good(admin.get("chat/list", limit=limit))
        counts = []
        for _ in range(12):
            before = executed()
            admin.good(admin.get("chat/list", limit=limit))
            counts.append(executed() - before)
        # The feeds of the processes make statements, too, but not all the time.
        return min(counts)

    for number in range(30):
        customer.start(message=f"message {number}")
    assert statements(2) == statements(30) <= 4


def test_people(people):
    name = f"Selam{uuid.uuid4().hex[:8]}"
    customer, worker, guest = people.customer(name), people.worker(name), people.guest()
    found = worker.good(worker.get("chat/people", q=name.upper()))["people"]
    assert {(who["type"], who["id"]) for who in found} == {
        ("user", customer.id), ("worker", worker.id)}
    assert [who["email"] for who in found if who["type"] == "user"] == [customer.email]
    by_mail = worker.good(worker.get("chat/people", q=customer.email))["people"]
    assert [who["id"] for who in by_mail] == [customer.id]
    for outside in (customer, guest):
        seen = outside.good(outside.get("chat/people", q=name))["people"]
        assert seen == [{"type": "worker", "id": worker.id, "name": name, "role": "worker",
                         "avatar": None, "online": False, "last_seen": None}]
        assert outside.good(outside.get("chat/people", role="customer"))["people"] == []


def test_profile(people):
    customer = people.customer()
    changed = customer.good(customer.post(
        "chat/profile", name="አበበ", phone="+251 911", car_brand="Lada",
        notification_preferences={"email": False, "web": True}))["profile"]
    assert changed == customer.good(customer.get("chat/profile"))["profile"]
    assert (changed["name"], changed["phone"], changed["car_brand"]) == ("አበበ", "+251 911", "Lada")
    assert changed["notification_preferences"] == {"email": False, "web": True}
    chat_id = customer.start()
    assert customer.send(chat_id, "hi")["message"]["sender_name"] == "አበበ"
    for wrong in ({"name": " "}, {"name": 5}, {"phone": "1" * 21}, {"notification_preferences": []},
                  {"notification_preferences": {"sms": True}},
                  {"notification_preferences": {"email": "yes"}}):
        assert customer.post("chat/profile", **wrong)[0] == 422, wrong


def test_avatars(people, database):
    customer, worker = people.customer(), people.worker()
    database.query("UPDATE tbl_user SET new_img_name = 'a.png' WHERE id = %s", customer.id)
    database.query("UPDATE tbl_worker SET image_url = 'w.jpg' WHERE id = %s", worker.id)
    chat_id = worker.start(user_id=customer.id)
    worker.send(chat_id, "1")
    customer.send(chat_id, "2")
    assert [m["avatar"] for m in customer.messages(chat_id)] == [
        "admin/uploads/workers/w.jpg", "uploads/users/a.png"]
