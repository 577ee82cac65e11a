"""Bad input gets a clear sentence and the right status; nothing is written and nothing breaks."""

import socket

import pytest

from harness.clients import Client
from harness.web import Nginx


@pytest.fixture
def open_chat(people):
    customer = people.customer()
    return customer, customer.start()


def count(database):
    return database.query("SELECT (SELECT COUNT(*) FROM tbl_chats) AS chats,"
                          " (SELECT COUNT(*) FROM tbl_chat_messages) AS messages")


@pytest.mark.parametrize("body,kind,status", [
    (b"{", "application/json", 400), (b"[]", "application/json", 400),
    (b"null", "application/json", 400), (b'"x"', "application/json", 400),
    (b'{"message":"\xff"}', "application/json", 400),
    (b"[" * 20000, "application/json", 400), (b'{"a":' * 10000, "application/json", 400),
    (b'{"message":"\\ud800"}', "application/json", 422),
    (b"message=%ff&chat_id=1", "application/x-www-form-urlencoded", 400),
    (b"{}", "text/plain", 415), (b"x", "multipart/form-data; boundary=x", 415),
    (b"{}", "application/json", 422), (b"", "application/json", 422),
    (b'{"message":"' + b"x" * 70000 + b'"}', "application/json", 413)])
def test_bodies(open_chat, database, body, kind, status):
    customer, chat_id = open_chat
    before = count(database)
    response = customer.raw("POST", "/api/chat/send_message", data=body,
                            headers={"Content-Type": kind})
    assert customer.reply(response)[0] == status
    assert count(database) == before
    # The connection to the program is as good as before.
    assert customer.get("chat/list")[0] == 200


WRONG_IDENTIFIERS = [0, -1, 2147483648, 99999999999999999999, "abc", "1 OR 1=1", "1.5", 1.5, True,
                     [], [1], {}, {"$gt": 0}, "0x1", "١", "+1", " 1"]


@pytest.mark.parametrize("value", WRONG_IDENTIFIERS, ids=str)
def test_identifiers(open_chat, database, value):
    customer, chat_id = open_chat
    before = count(database)
    for endpoint, fields in (("send_message", {"message": "x"}), ("mark_read", {}), ("close", {})):
        assert customer.post(f"chat/{endpoint}", chat_id=value, **fields)[0] == 422, endpoint
    assert customer.post("chat/mark_read", chat_id=chat_id, message_id=value)[0] == 422
    assert customer.post("chat/start", user_id=value)[0] == 422
    if not isinstance(value, (list, dict)):
        for path in ("messages", "unread_count"):
            assert customer.get(f"chat/{path}", chat_id=str(value))[0] == 422
        for name in ("before_id", "limit"):
            assert customer.get("chat/messages", chat_id=chat_id, **{name: str(value)})[0] == 422
    assert count(database) == before


@pytest.mark.parametrize("value", [1, True, [], {}, 1.5, ["x"]], ids=str)
def test_texts_of_another_type(open_chat, browser, database, value):
    customer, chat_id = open_chat
    before = count(database)
    assert customer.post("chat/send_message", chat_id=chat_id, message=value)[0] == 422
    assert customer.post("chat/send_message", chat_id=chat_id, message="x",
                         client_message_id=value)[0] == 422
    assert customer.post("chat/start", subject=value)[0] == 422
    assert browser().post("auth/login", email=value, password="x")[0] == 422
    assert browser().post("auth/login", email="a@example.com", password=value)[0] == 422
    assert customer.post("chat/close", chat_id=chat_id, role=value)[0] == 422
    assert count(database) == before


@pytest.mark.parametrize("value", ["x", "123", "g" * 8 + "-0000-0000-0000-000000000000",
                                   "00000000-0000-0000-0000-00000000000"])
def test_client_message_ids(open_chat, value):
    customer, chat_id = open_chat
    assert customer.post("chat/send_message", chat_id=chat_id, message="x",
                         client_message_id=value)[0] == 422


def test_methods_and_addresses(browser):
    client = browser()
    for method, path, allowed in (("GET", "start", "POST"), ("DELETE", "messages", "GET"),
                                  ("POST", "list", "GET"), ("PUT", "send_message", "POST")):
        response = client.raw(method, f"/api/chat/{path}")
        assert client.reply(response)[0] == 405
        assert response.headers["Allow"] == allowed
    assert client.raw("GET", "/api/chat/health").status_code == 200
    assert client.raw("HEAD", "/api/chat/health").status_code == 200
    for path in ("chat/nothing", "auth/nothing", "auth/list"):
        assert client.get(path)[0] == 404


def test_both_ranges_at_once(open_chat):
    customer, chat_id = open_chat
    assert customer.get("chat/messages", chat_id=chat_id, before_id=5, after_id=1)[0] == 422
    assert customer.get("chat/messages")[0] == 422


def fastcgi_record(kind, content, request=1):
    return bytes([1, kind]) + request.to_bytes(2, "big") + len(content).to_bytes(2, "big") + b"\0\0" \
        + content


def test_broken_fastcgi_does_not_stop_the_program(programs, open_chat):
    customer, _ = open_chat
    begin = fastcgi_record(1, b"\0\1\1" + b"\0" * 5)
    for garbage in (b"", b"\1", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100, begin, begin + b"\1\4",
                    begin + fastcgi_record(4, b"\x7f\x7f"), fastcgi_record(5, b"x" * 100)):
        for program in programs:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(program.socket))
                connection.sendall(garbage)
    assert all(program.process.poll() is None for program in programs)
    assert customer.get("chat/list")[0] == 200


def test_faults_of_ours_tell_nothing(people, database):
    customer = people.customer()
    chat_id = customer.start()
    database.query("ALTER TABLE tbl_chat_messages RENAME TO tbl_hidden")
    try:
        response = customer.raw("GET", "/api/chat/messages", params={"chat_id": chat_id})
        status, body = customer.reply(response)
        assert status == 500 and body["error"] == "Internal error."
        assert body["request_id"] == response.headers["X-Request-Id"]
        assert "tbl" not in response.text
    finally:
        database.query("ALTER TABLE tbl_hidden RENAME TO tbl_chat_messages")


def test_the_log_has_no_secrets(people, programs):
    customer = people.customer()
    chat_id = customer.start()
    customer.send(chat_id, "a very private sentence")
    logs = "".join(program.log.read_text() for program in programs)
    for secret in ("private sentence", customer.http.cookies["nati_chat_session"], customer.email,
                   "correct horse"):
        assert secret not in logs
    assert f"POST chat/send_message 200" in logs


def test_html_in_every_field(people):
    html = "<img src=x onerror=alert(1)>"
    customer = people.customer(html)
    chat_id = customer.start(subject=html)
    encoded = "&lt;img src=x onerror=alert(1)&gt;"
    assert customer.send(chat_id, html)["message"]["message"] == encoded
    # Everything but `message` is text, delivered as JSON that no browser takes for a page.
    admin = people.admin()
    response = admin.raw("GET", "/api/chat/list", params={"customer": customer.id})
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json()["chats"][0]["subject"] == html


def test_too_many_from_one_address(folder, programs, php):
    """nginx refuses before the program does, in the same shape."""
    server = Nginx(folder, [programs[0].socket], php, entry_rate=1)
    try:
        client = Client(server.address)
        replies = [client.post("auth/login", login="nobody", password="wrong")
                   for _ in range(40)]
        refused = [body for status, body in replies if status == 429 and "address" in body["error"]]
        assert refused and replies[0][0] == 401
    finally:
        server.stop()
