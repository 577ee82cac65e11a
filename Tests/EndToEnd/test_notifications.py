"""Nobody misses a message: the bell, mails, preferences, and the end of guests."""

import re
import uuid
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32

import pytest

from conftest import PASSWORD, People
from harness import mail as mail_server
from harness import processes, program
from harness.clients import Client
from harness.mail import MailServer
from harness.mariadb import ROOT
from harness.program import Program
from harness.web import Nginx

NAME = "notified"
SITE = "https://nati.example/garage"
SETTINGS = {
    "DB_NAME": NAME, "SITE_URL": SITE, "SECRET": "s" * 32, "MAIL_DELAY": 1, "MAIL_PAUSE": 3,
    "MAIL_RETRIES": "1,1,1", "ESCALATE_AFTER": 2, "MAIL_FROM": "Nati Automotive <chat@nati.example>",
}
SITE_TABLES = "Tests/EndToEnd/site/notification_tables.sql"


@pytest.fixture(scope="module")
def mails():
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def store(mariadb):
    mariadb.make_database(NAME, "sql/demo/site_tables.sql", SITE_TABLES)
    done = program.run(["migrate"], program.environment(mariadb, DB_NAME=NAME))
    assert done.returncode == 0, done.stderr
    mariadb.run_file(ROOT / "sql/demo/people.sql", NAME)
    return lambda sql, *values: mariadb.query(sql, *values, database=NAME)


@pytest.fixture(scope="module")
def one(store, mariadb, folder, mails):
    running = Program(folder, "notified", program.environment(mariadb, **SETTINGS, SMTP_URL=mails.url))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def site(one, folder):
    server = Nginx(folder, [one.socket])
    yield server.address
    server.stop()


@pytest.fixture
def people(site, mariadb, store):
    return made_people(mariadb, site, store)


def made_people(mariadb, address, store):
    def browser():
        client = Client(address)
        client.store = store
        return client
    return People(mariadb, browser)


@pytest.fixture
def absent(store):
    """Makes customers who have never been here, by their e-mail address."""
    def make(name="Abeba Away", **columns):
        address = f"{uuid.uuid4().hex}@example.com"
        fields = {"name": name, "email": address, "phonenum": "", "password": "", **columns}
        store(f"INSERT INTO tbl_user ({', '.join(fields)}) VALUES ({', '.join(['%s'] * len(fields))})",
              *fields.values())
        return store("SELECT id FROM tbl_user WHERE email = %s", address)[0]["id"], address
    return make


def away(store, client, role):
    """Makes somebody who has come for the first time one who has left long ago.

    Their presence is noted once in half a minute: not again while the test lasts.
    """
    client.good(client.get("chat/list"))
    row = ("SELECT 1 FROM tbl_chat_presence WHERE person_type = %s AND person_id = %s", role, client.id)
    processes.wait_until(lambda: store(*row), "the presence")
    store("UPDATE tbl_chat_presence SET is_online = 0, last_seen_at = '2020-01-01'"
          " WHERE person_type = %s AND person_id = %s", role, client.id)


def told(store):
    """Waits until everybody was told of all messages."""
    processes.wait_until(lambda: not store(
        "SELECT 1 FROM tbl_chats c LEFT JOIN tbl_chat_told d ON d.chat_id = c.chat_id WHERE COALESCE("
        "(SELECT MAX(m.message_id) FROM tbl_chat_messages m WHERE m.chat_id = c.chat_id), 0)"
        " > COALESCE(d.message_id, 0)"), "everybody to be told")


def bell(client, **parameters):
    told(client.store)
    return client.good(client.get("chat/notifications", **parameters))


def unread(client):
    """What the bell shows, as the updates tell it."""
    told(client.store)
    return client.good(client.get("chat/updates"))["notifications"]["unread"]


def plain(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


# The bell


def test_one_notification_for_a_burst(people):
    customer, admin = people.customer(), people.admin()
    before = unread(admin)
    chat_id = customer.start(subject="Brakes")
    for text in ("one", "two", "three"):
        customer.send(chat_id, text)
    assert unread(admin) == before + 1
    newest = bell(admin)["notifications"][0]
    assert (newest["type"], newest["chat_id"], newest["message_count"], newest["text"],
            newest["is_read"], newest["subject"]) == ("message", chat_id, 3, "three", False, "Brakes")
    assert newest["person"]["id"] == customer.id
    admin.good(admin.post("chat/mark_read", chat_id=chat_id))
    assert unread(admin) == before
    assert bell(admin)["notifications"][0]["is_read"] is True
    # What follows is a burst of its own.
    customer.send(chat_id, "four")
    assert bell(admin)["notifications"][0]["message_count"] == 1
    assert bell(admin, unread=1)["notifications"][0]["text"] == "four"


def test_waiting_poll_hears_of_the_bell(people):
    customer, admin = people.customer(), people.admin()
    chat_id = customer.start(message="hello")
    cursor = customer.good(customer.get("chat/updates"))["cursor"]
    admin.send(chat_id, "good morning")
    types = []
    while "notification" not in types:
        answer = customer.good(customer.get("chat/updates", cursor=cursor, wait=10))
        assert answer["events"], "nothing came"
        types += [event["type"] for event in answer["events"]]
        cursor = answer["cursor"]
    assert answer["notifications"] == {"unread": 1} and "message" in types
    # Read in one tab: the other's waiting poll says so.
    customer.good(customer.post("chat/notifications/read", chat_id=chat_id))
    answer = customer.good(customer.get("chat/updates", cursor=answer["cursor"], wait=10))
    assert answer["notifications"] == {"unread": 0}


def test_reading_one_or_all(people):
    admin = people.admin()
    admin.good(admin.post("chat/notifications/read"))
    chats = [people.customer().start(message="hello") for _ in range(3)]
    newest = bell(admin)["notifications"][0]
    assert newest["chat_id"] == chats[-1]
    reply = admin.good(admin.post("chat/notifications/read", notification_id=newest["notification_id"]))
    assert (reply["read"], reply["unread"]) == (1, 2)
    # Nobody reads for somebody else.
    other = people.browser().login("sara", "demo-admin")
    mine = bell(admin, unread=1)["notifications"][0]["notification_id"]
    assert other.good(other.post("chat/notifications/read", notification_id=mine))["read"] == 0
    assert admin.good(admin.post("chat/notifications/read"))["unread"] == 0
    older = bell(admin, limit=1, before_id=newest["notification_id"])["notifications"]
    assert [each["chat_id"] for each in older] == [chats[1]]


def test_who_is_told_of_what(people):
    customer, admin, worker = people.customer(), people.admin(), people.worker()
    other = people.browser().login("sara", "demo-admin")
    for each in (admin, other):
        each.good(each.post("chat/notifications/read"))
    chat_id = customer.start(message="hello")
    assert (unread(admin), unread(other), unread(customer)) == (1, 1, 0)
    # One admin answers: the other need not.
    admin.send(chat_id, "good morning")
    assert (unread(admin), unread(other), unread(customer)) == (0, 0, 1)
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    assert [each["type"] for each in bell(worker)["notifications"]] == ["assignment"]
    customer.send(chat_id, "are you there?")
    assert unread(customer) == 0, "who writes has read"
    assert (unread(worker), unread(admin)) == (2, 0)
    # An admin steps in: the worker has not seen the assignment by that.
    other.send(chat_id, "one moment")
    assert unread(worker) == 2
    worker.good(worker.post("chat/escalate", chat_id=chat_id))
    assert [bell(each, limit=1)["notifications"][0]["type"] for each in (admin, other)] == [
        "escalation", "escalation"]
    admin.good(admin.post("chat/reopen", chat_id=chat_id))
    admin.good(admin.post("chat/escalate", chat_id=chat_id))
    admin.good(admin.post("chat/close", chat_id=chat_id))
    assert bell(customer)["notifications"][0]["type"] == "closed"
    # Taken off the chat: it is off the bell, too.
    admin.good(admin.post("chat/reopen", chat_id=chat_id))
    second = people.worker()
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=second.id))
    assert unread(worker) == 0 and bell(worker)["notifications"] == []
    # Among staff.
    talk = second.start(admin_id=1, message="a question")
    assert bell(admin, limit=1)["notifications"][0]["chat_id"] == talk
    assert bell(other, limit=1)["notifications"][0]["chat_id"] != talk


def test_site_bell_shows_what_admins_are_told(people, store):
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    chat_id = customer.start(message="<b>hello</b>")
    query = ("SELECT id, message, is_read FROM tbl_notifications WHERE recipient_id = %s"
             " AND type = 'chat_message' AND reference_id = %s", admin.id, chat_id)
    (row,) = processes.wait_until(lambda: store(*query), "the site's row")
    assert row["is_read"] == 0 and "<" not in row["message"]
    admin.good(admin.post("chat/mark_read", chat_id=chat_id))
    processes.wait_until(lambda: store(*query)[0]["is_read"] == 1, "the site's row to be read")
    # Of workers and customers there are no rows: their numbers would be admins' or nobody's.
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    admin.send(chat_id, "for the customer")
    sentinel = people.customer().start(message="later")
    processes.wait_until(lambda: store(query[0], admin.id, sentinel), "a later row")
    assert {row["recipient_id"] for row in store("SELECT recipient_id FROM tbl_notifications"
                                                 " WHERE reference_id = %s", chat_id)} == {1, 2}


def test_only_admins_see_what_was_tried(people):
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    chat_id = customer.start(message="hello")
    told(admin.store)
    tried = admin.good(admin.get("chat/deliveries", chat_id=chat_id))["deliveries"]
    assert {(each["way"], each["state"], each["recipient"]["type"]) for each in tried} == {
        ("bell", "message", "admin")}
    for client in (customer, worker):
        assert client.get("chat/deliveries", chat_id=chat_id)[0] == 403
    assert admin.get("chat/deliveries", chat_id=999_999)[0] == 404


# Mails


def ended_mail(admin, chat_id, state):
    """Waits until the one mail about a chat has ended so; the server has it a moment earlier."""
    def ended():
        tried = admin.good(admin.get("chat/deliveries", chat_id=chat_id))["deliveries"]
        return [each for each in tried if each["way"] == "mail" and each["state"] == state]
    (mail,) = processes.wait_until(ended, f"a mail that has {state}", 40)
    return mail


def test_one_mail_for_all_that_is_unread(people, absent, mails):
    number, address = absent()
    admin = people.admin()
    chat_id = admin.start(user_id=number, subject="Your brakes")
    admin.send(chat_id, "They are ready. <script>alert(1)</script> & more")
    admin.send(chat_id, "ደህና ይሁኑ\nሁለተኛ መስመር")
    (mail,) = processes.wait_until(lambda: mails.to(address), "the mail")
    assert mail["From"] == "Nati Automotive <chat@nati.example>"
    assert mail["To"] == f"Abeba Away <{address}>"
    assert mail["Subject"] == "2 new messages from Nati Bekele: Your brakes"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@nati.example>") and mail["Date"].datetime
    text = plain(mail)
    html = mail.get_body(("html",)).get_content()
    assert "> They are ready. <script>alert(1)</script> & more" in text
    assert "> ደህና ይሁኑ\n> ሁለተኛ መስመር" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html and "<script" not in html
    link = f"{SITE}/customer/chat?chat={chat_id}"
    assert link in text and link in html
    # Nothing more comes of the same messages: later mails have passed by then.
    other, other_address = absent()
    admin.start(user_id=other, message="later")
    processes.wait_until(lambda: mails.to(other_address), "a later mail")
    assert len(mails.to(address)) == 1


def test_no_mail_for_what_was_read_or_to_who_is_there(people, absent, store, mails):
    reader, present, admin = people.customer(), people.customer(), people.admin()
    chats = {each: each.start(message="hello") for each in (reader, present)}
    admin.send(chats[present], "you are here")
    admin.send(chats[reader], "read at once")
    reader.good(reader.post("chat/mark_read", chat_id=chats[reader]))
    away(store, reader, "user")
    number, address = absent()
    admin.start(user_id=number, message="later")
    processes.wait_until(lambda: mails.to(address), "a later mail")
    emails = [store("SELECT email FROM tbl_user WHERE id = %s", each.id)[0]["email"]
              for each in (reader, present)]
    assert [mails.to(each) for each in emails] == [[], []]
    # Now the other one goes.
    away(store, present, "user")
    (mail,) = processes.wait_until(lambda: mails.to(emails[1]), "the mail")
    assert "you are here" in plain(mail)


def test_second_mail_needs_something_newer_and_a_pause(people, absent, store, mails):
    number, address = absent()
    admin = people.admin()
    chat_id = admin.start(user_id=number, message="first")
    processes.wait_until(lambda: mails.to(address), "the first mail")
    admin.send(chat_id, "second")
    processes.wait_until(lambda: len(mails.to(address)) == 2, "the second mail", 30)
    assert "first" in plain(mails.to(address)[1]) and "second" in plain(mails.to(address)[1])
    first, second = store("SELECT created_at FROM tbl_chat_mails WHERE chat_id = %s ORDER BY mail_id",
                          chat_id)
    assert (second["created_at"] - first["created_at"]).total_seconds() >= 3


@pytest.mark.parametrize("name", [
    'Eve "quotes" <eve@example.org>, more', "Line\r\nBcc: all@example.com", "እቴጌ ጣይቱ ብጡል " * 4,
    "=?utf-8?q?fake?=", "x" * 200])
def test_headers_hold_any_name(people, absent, store, mails, name):
    number, address = absent(name=name)
    admin = people.admin()
    store("UPDATE tbl_admin SET full_name = %s WHERE id = 2", name)
    try:
        writer = people.browser().login("sara", "demo-admin")
        writer.start(user_id=number, message="hello", subject=re.sub(r"\s+", " ", name)[:200])
        (mail,) = processes.wait_until(lambda: mails.to(address), "the mail")
    finally:
        store("UPDATE tbl_admin SET full_name = 'Sara Alemu' WHERE id = 2")
    assert mail.defects == [] and "Bcc" not in mail
    (to,) = mail["To"].addresses
    assert to.addr_spec == address
    # Python's newer parser puts spaces between the encoded words of a name (RFC 2047, 6.2, has none).
    old = message_from_bytes(mails.contents[mails.mails.index(mail)], policy=compat32)
    shown = str(make_header(decode_header(old["To"]))).rsplit("<", 1)[0].strip()
    assert re.sub(r"\s+", " ", shown.strip('"').replace('\\"', '"')) == re.sub(r"\s+", " ", name.strip())
    assert re.sub(r"\s+", " ", name).strip()[:40] in re.sub(r"\s+", " ", mail["Subject"])
    assert all(len(line) <= 78 for line in mail.as_bytes().split(b"\n\n")[0].splitlines()
               if not line.startswith(b"List-"))
    assert admin.id == 1


@pytest.mark.parametrize("answer", ["451 Try later", "break"])
def test_refused_for_a_moment_is_tried_again(people, absent, mails, answer):
    number, address = absent()
    admin = people.admin()
    mails.answers = [answer]
    chat_id = admin.start(user_id=number, message="hello")
    mail = ended_mail(admin, chat_id, "sent")
    assert mail["attempts"] == 2 and mail["finished_at"] and mail["error"] is None
    assert len(mails.to(address)) == 1


def test_refused_for_good_is_given_up(people, absent, mails):
    number, address = absent()
    admin = people.admin()
    mails.answers = ["554 No such person"]
    chat_id = admin.start(user_id=number, message="hello")
    failed = ended_mail(admin, chat_id, "failed")
    assert failed["attempts"] == 1 and "554" in failed["error"]
    assert mails.to(address) == []


def test_attempts_end(people, absent, mails):
    number, address = absent()
    admin = people.admin()
    mails.answers = ["451 Never"] * 4
    chat_id = admin.start(user_id=number, message="hello")
    failed = ended_mail(admin, chat_id, "failed")
    # The first attempt and one for each pause of NATI_CHAT_MAIL_RETRIES.
    assert failed["attempts"] == 4 and mails.to(address) == []


def test_guest_comes_back_by_the_link(people, store, mails, site):
    address = f"{uuid.uuid4().hex}@example.com"
    guest = people.guest(name="Gete", email=address, message="hello")
    admin = people.admin()
    admin.send(guest.chat_id, "an answer")
    away(store, guest, "guest")
    (mail,) = processes.wait_until(lambda: mails.to(address), "the mail")
    token = re.search(re.escape(SITE) + r"/chat-return#(\S+)", plain(mail)).group(1)
    elsewhere = Client(site)
    reply = elsewhere.good(elsewhere.post("chat/return", token=token))
    assert (reply["guest_id"], reply["chat_id"]) == (guest.id, guest.chat_id)
    assert [each["text"] for each in elsewhere.messages(guest.chat_id)] == ["hello", "an answer"]
    # The browser that has the chat keeps it; a new one takes it over.
    before = elsewhere.http.cookies["nati_chat_guest"]
    elsewhere.good(elsewhere.post("chat/return", token=token))
    assert elsewhere.http.cookies["nati_chat_guest"] == before
    assert guest.get("chat/messages", chat_id=guest.chat_id)[0] == 401
    # Changed, or of the other kind: refused.
    changed = token.replace(f"guest.{guest.id}.", f"guest.{guest.id + 1}.")
    stop = re.search(r"unsubscribe\?token=(\S+)", plain(mail)).group(1)
    for wrong in (changed, token[:-1], "", "x~y", stop, token.split("~")[0]):
        assert Client(site).post("chat/return", token=wrong)[0] == 422


def test_unsubscribe_without_log_in(people, absent, store, mails, site):
    number, address = absent()
    admin = people.admin()
    chat_id = admin.start(user_id=number, message="hello")
    (mail,) = processes.wait_until(lambda: mails.to(address), "the mail")
    link = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and link.startswith(SITE)
    path = link.removeprefix(SITE)
    stranger = Client(site)
    # A mail program that only opens the link ends nothing.
    answer = stranger.raw("GET", path, allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{SITE}/chat-unsubscribe#unsubscribe.user.{number}~")
    wants = "SELECT JSON_VALUE(notification_preferences, '$.email') AS mail FROM tbl_user WHERE id = %s"
    assert store(wants, number)[0]["mail"] is None
    assert stranger.raw("POST", path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert store(wants, number)[0]["mail"] in ("0", "false")
    admin.send(chat_id, "one more")
    processes.wait_until(
        lambda: store("SELECT 1 FROM tbl_chat_mails WHERE chat_id = %s AND state = 'dropped'", chat_id),
        "the unwanted mail", 30)
    assert len(mails.to(address)) == 1
    assert stranger.raw("POST", path.replace(f".{number}~", ".1~")).status_code == 422


def test_preferences(people, store):
    admin, worker, customer = people.admin(), people.worker(), people.customer()
    guest = people.guest(email="guest@example.com")
    standard = {"mail": True, "mail_address": None, "browser": True, "sound": True,
                "quiet_from": None, "quiet_until": None, "utc_offset": 0}
    assert worker.good(worker.get("chat/preferences"))["preferences"] == standard
    changed = worker.good(worker.post(
        "chat/preferences", mail_address="worker@example.com", sound=False, quiet_from="22:00",
        quiet_until="06:30", utc_offset=180))["preferences"]
    assert changed == {**standard, "mail_address": "worker@example.com", "sound": False,
                       "quiet_from": "22:00", "quiet_until": "06:30", "utc_offset": 180}
    assert worker.good(worker.post("chat/preferences", mail=False))["preferences"] == {
        **changed, "mail": False}
    for fields in ({"mail": "maybe"}, {"quiet_from": "25:00"}, {"quiet_from": ""}, {"utc_offset": 9000},
                   {"mail_address": "nowhere"}, {"mail_address": "a@b.c\r\nBcc: x@y.z"}):
        assert worker.post("chat/preferences", **fields)[0] == 422, fields
    # Customers: the site's own column, whose other wishes stay.
    store("UPDATE tbl_user SET notification_preferences = %s WHERE id = %s",
          '{"email":false,"telegram":true,"web":true}', customer.id)
    found = customer.good(customer.get("chat/preferences"))["preferences"]
    assert (found["mail"], found["browser"]) == (False, True) and "@" in found["mail_address"]
    customer.good(customer.post("chat/preferences", mail=True, browser=False))
    assert store("SELECT notification_preferences AS wishes FROM tbl_user WHERE id = %s",
                 customer.id)[0]["wishes"] == '{"email": true, "telegram": true, "web": false}'
    assert customer.post("chat/preferences", mail_address="x@example.com")[0] == 422
    # Admins: the site's own row, if there is one.
    store("INSERT INTO tbl_notification_preferences (admin_id, notification_type, email_enabled,"
          " sound_enabled) VALUES (%s, 'chat_message', 0, 0)", admin.id)
    try:
        found = admin.good(admin.get("chat/preferences"))["preferences"]
        assert (found["mail"], found["sound"]) == (False, False)
        admin.good(admin.post("chat/preferences", sound=True))
        assert store("SELECT sound_enabled FROM tbl_notification_preferences")[0]["sound_enabled"] == 1
    finally:
        store("DELETE FROM tbl_notification_preferences")
    assert guest.good(guest.post("chat/preferences", mail_address="new@example.com"))["preferences"][
        "mail_address"] == "new@example.com"


def test_quiet_hours_put_a_mail_off(people, absent, store, mails):
    number, address = absent()
    minute = store("SELECT HOUR(UTC_TIMESTAMP()) * 60 + MINUTE(UTC_TIMESTAMP()) AS now")[0]["now"]
    store("INSERT INTO tbl_chat_preferences (person_type, person_id, quiet_from, quiet_until)"
          " VALUES ('user', %s, %s, %s)", number, (minute - 60) % 1440, (minute + 60) % 1440)
    admin = people.admin()
    chat_id = admin.start(user_id=number, message="at night")
    (row,) = processes.wait_until(
        lambda: store("SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), next_attempt_at) AS minutes,"
                      " attempts FROM tbl_chat_mails WHERE chat_id = %s AND claimed_by IS NULL"
                      " AND next_attempt_at > UTC_TIMESTAMP() + INTERVAL 50 MINUTE", chat_id),
        "the delay")
    assert row["attempts"] == 0 and 55 <= row["minutes"] <= 61 and mails.to(address) == []
    # The morning comes.
    store("UPDATE tbl_chat_preferences SET quiet_from = NULL, quiet_until = NULL")
    store("UPDATE tbl_chat_mails SET next_attempt_at = UTC_TIMESTAMP() WHERE chat_id = %s", chat_id)
    processes.wait_until(lambda: mails.to(address), "the mail")


def test_admins_hear_of_what_a_worker_does_not_read(people, store, mails):
    customer, worker, chief = people.customer(), people.worker(), people.admin()
    address, username = f"{uuid.uuid4().hex}@example.com", f"admin-{uuid.uuid4().hex[:12]}"
    chief.good(chief.post("auth/staff", type="admin", full_name="New Admin", username=username,
                          password=PASSWORD))
    admin = people.browser().login(username, PASSWORD)
    chat_id = customer.start()
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    away(store, worker, "worker")
    try:
        customer.send(chat_id, "is anybody there?")
        # The visitor's tab is closed: nobody polls.
        (told,) = processes.wait_until(
            lambda: store("SELECT n.message_count FROM tbl_chat_notifications n WHERE n.chat_id = %s"
                          " AND n.type = 'unanswered' AND n.recipient_id = %s", chat_id, admin.id),
            "the escalation")
        assert told["message_count"] == 1
        newest = bell(admin, limit=1)["notifications"][0]
        assert (newest["type"], newest["text"]) == ("unanswered", "is anybody there?")
        store("INSERT INTO tbl_chat_preferences (person_type, person_id, mail_address)"
              " VALUES ('admin', %s, %s)", admin.id, address)
        away(store, admin, "admin")
        (mail,) = processes.wait_until(lambda: mails.to(address), "the mail to the admin")
        assert f"{SITE}/admin-chat?chat={chat_id}" in plain(mail)
        # The worker answers: it is off the admins' bell.
        worker.send(chat_id, "yes")
        assert "unanswered" not in [each["type"] for each in bell(admin, unread=1)["notifications"]]
    finally:
        store("DELETE FROM tbl_chat_preferences WHERE person_type = 'admin'")


# Processes


def test_two_processes_send_one_mail(store, mariadb, folder, one, people, absent, mails):
    other = Program(folder, "notified-two", program.environment(mariadb, **SETTINGS, SMTP_URL=mails.url))
    try:
        admin = people.admin()
        addresses = []
        for _ in range(8):
            number, address = absent()
            admin.start(user_id=number, message="hello")
            addresses.append(address)
        processes.wait_until(lambda: all(mails.to(each) for each in addresses), "the mails", 30)
        assert [len(mails.to(each)) for each in addresses] == [1] * 8
    finally:
        assert other.stop() == 0


def test_killed_in_the_middle_loses_no_mail(store, mariadb, folder, absent):
    """The process dies while the server has the mail: whoever comes next sends it."""
    server = MailServer()
    server.may_answer.clear()
    name = "notified_killed"
    mariadb.make_database(name, "sql/demo/site_tables.sql")
    env = program.environment(mariadb, **{**SETTINGS, "DB_NAME": name}, SMTP_URL=server.url)
    assert program.run(["migrate"], env).returncode == 0
    mariadb.run_file(ROOT / "sql/demo/people.sql", name)
    running = Program(folder, "killed", env)
    try:
        mariadb.query("INSERT INTO tbl_chats (user_id, admin_id) VALUES (1, 1)", database=name)
        mariadb.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                      " VALUES (1, 'admin', 1, 'by plain SQL')", database=name)
        assert server.arrived.wait(20)
        running.kill()
        server.may_answer.set()
        claim = "SELECT claimed_until FROM tbl_chat_mails WHERE queued = 1"
        assert mariadb.query(claim, database=name)[0]["claimed_until"]
        mariadb.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                      " VALUES (1, 'admin', 1, 'while nobody ran')", database=name)
        # The claim runs out.
        mariadb.query("UPDATE tbl_chat_mails SET claimed_until = '2020-01-01'", database=name)
        mariadb.query("UPDATE tbl_chat_leases SET expires_at = '2020-01-01'", database=name)
        server.mails.clear()
        server.recipients.clear()
        running.start()
        (mail,) = processes.wait_until(lambda: server.to("abel@example.com"), "the mail", 30)
        assert "by plain SQL" in plain(mail)
        count = "SELECT message_count AS count FROM tbl_chat_notifications"
        processes.wait_until(lambda: mariadb.query(count, database=name)[0]["count"] == 2,
                             "both messages to be told of")
    finally:
        server.stop()
        assert running.stop() == 0


def test_encrypted_and_logged_in(mariadb, folder):
    """STARTTLS with a certificate that is checked, and a log-in with characters that URLs encode."""
    server = MailServer(folder)
    name = "notified_tls"
    mariadb.make_database(name, "sql/demo/site_tables.sql")
    account = "nati%20chat:p%40ss%2Fword"
    good = {**SETTINGS, "DB_NAME": name, "SMTP_URL": f"smtp://{account}@127.0.0.1:{server.port}",
            "SMTP_CA": server.certificate, "LISTEN": f"unix:{folder}/tls.sock"}
    assert program.run(["migrate"], program.environment(mariadb, **good)).returncode == 0
    mariadb.run_file(ROOT / "sql/demo/people.sql", name)
    try:
        checked = program.run(["check"], program.environment(mariadb, **good))
        assert checked.returncode == 0, checked.stdout
        assert f"ok    The mail server smtp://127.0.0.1:{server.port} can be used." in checked.stdout
        for wrong in ({"SMTP_URL": good["SMTP_URL"].replace("word", "wrong")}, {"SMTP_CA": "/etc/passwd"},
                      {"SMTP_URL": "smtp://127.0.0.1:1"}, {"SECRET": ""}):
            checked = program.run(["check"], program.environment(mariadb, **{**good, **wrong}))
            assert checked.returncode == 1 and "FAULT" in checked.stdout
            assert "word" not in checked.stdout.replace("account", ""), "a password is told"
        running = Program(folder, "tls", program.environment(mariadb, **good))
        mariadb.query("INSERT INTO tbl_chats (user_id, admin_id) VALUES (1, 1)", database=name)
        mariadb.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                      " VALUES (1, 'admin', 1, 'in secret')", database=name)
        processes.wait_until(lambda: server.to("abel@example.com"), "the mail", 30)
        assert running.stop() == 0
        # The site's own configuration, where ours names no server.
        mariadb.run_file(ROOT / SITE_TABLES, name)
        for key, value in (("smtp_host", "127.0.0.1"), ("smtp_port", str(server.port)),
                           ("smtp_username", mail_server.USER), ("smtp_password", mail_server.PASSWORD),
                           ("smtp_encryption", "tls"), ("email_from_address", "site@nati.example"),
                           ("email_from_name", "Nati"), ("email_enabled", "1")):
            mariadb.query("INSERT INTO notification_config (config_key, config_value) VALUES (%s, %s)",
                          key, value, database=name)
        env = program.environment(mariadb, **{key: value for key, value in good.items() if key != "SMTP_URL"})
        running = Program(folder, "tls", env)
        mariadb.query("INSERT INTO tbl_chats (user_id, admin_id) VALUES (2, 1)", database=name)
        mariadb.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                      " VALUES (2, 'admin', 1, 'hello')", database=name)
        (mail,) = processes.wait_until(lambda: server.to("lidia@example.com"), "the mail", 30)
        assert mail["From"] == "Nati <site@nati.example>"
        assert running.stop() == 0
    finally:
        server.stop()


def test_no_mail_server_disturbs_nobody(mariadb, folder):
    name = "notified_none"
    mariadb.make_database(name, "sql/demo/site_tables.sql")
    env = program.environment(mariadb, **{**SETTINGS, "DB_NAME": name, "MAIL_RETRIES": "1,3600"},
                              SMTP_URL="smtp://127.0.0.1:1")
    assert program.run(["migrate"], env).returncode == 0
    mariadb.run_file(ROOT / "sql/demo/people.sql", name)
    running = Program(folder, "none", env)
    server = Nginx(folder, [running.socket])
    try:
        admin = Client(server.address).login("nati", "demo-admin")
        chat_id = admin.start(user_id=1, message="hello")

        def tried():
            (mail,) = [each for each in admin.good(admin.get("chat/deliveries", chat_id=chat_id))[
                "deliveries"] if each["way"] == "mail"] or [None]
            return mail and mail["attempts"] == 2 and mail
        mail = processes.wait_until(tried, "two attempts", 30)
        assert mail["state"] == "queued" and "connect" in mail["error"] and mail["next_attempt_at"]
        admin.send(chat_id, "the chat goes on")
        log = running.log.read_text()
        assert log.count("A mail could not be sent") == 1
    finally:
        server.stop()
        assert running.stop() == 0


def test_old_notifications_and_mails_are_removed(mariadb, folder):
    name = "notified_old"
    mariadb.make_database(name, "sql/demo/site_tables.sql", "sql/demo/people.sql")
    env = program.environment(mariadb, **{**SETTINGS, "DB_NAME": name})
    assert program.run(["migrate"], env).returncode == 0

    def store(sql):
        return mariadb.query(sql, database=name)
    store("INSERT INTO tbl_chats (user_id) SELECT id FROM tbl_user LIMIT 1")
    age = "UTC_TIMESTAMP() - INTERVAL IF(seq % 3, 91, 89) DAY"
    store("INSERT INTO tbl_chat_notifications (recipient_type, recipient_id, type, chat_id, unread,"
          f" created_at, updated_at) SELECT 'admin', 1, 'closed', 1, NULL, '2020-01-01', {age}"
          " FROM seq_1_to_3000")
    store("INSERT INTO tbl_chat_mails (recipient_type, recipient_id, chat_id, message_id, state, queued,"
          f" next_attempt_at, created_at) SELECT 'user', 1, 1, 1, 'sent', NULL, NOW(), {age}"
          " FROM seq_1_to_3000")
    running = Program(folder, "old", env)
    try:
        for table, age in (("tbl_chat_notifications", "updated_at"), ("tbl_chat_mails", "created_at")):
            old = f"SELECT 1 FROM {table} WHERE {age} < UTC_TIMESTAMP() - INTERVAL 90 DAY LIMIT 1"
            processes.wait_until(lambda: not store(old), "the old ones to go")
            assert store(f"SELECT COUNT(*) AS count FROM {table}")[0]["count"] == 1000
    finally:
        assert running.stop() == 0


# Guests


def test_gone_guests(mariadb, folder, mails):
    """After a while without a sign the token is dead, the chat closed, and the staff is told."""
    name = "notified_guests"
    mariadb.make_database(name, "sql/demo/site_tables.sql")
    env = program.environment(mariadb, **{**SETTINGS, "DB_NAME": name, "GUEST_TTL": 2}, SMTP_URL=mails.url)
    assert program.run(["migrate"], env).returncode == 0
    mariadb.run_file(ROOT / "sql/demo/people.sql", name)
    both = [Program(folder, f"guests-{number}", env) for number in (1, 2)]
    server = Nginx(folder, [both[0].socket])
    try:
        people = made_people(
            mariadb, server.address, lambda sql, *values: mariadb.query(sql, *values, database=name))
        address = f"{uuid.uuid4().hex}@example.com"
        guest = people.guest(message="hello", email=address)
        admin, customer = people.admin(), people.customer()
        admin.send(guest.chat_id, "an answer")
        kept = customer.start(message="I wait")
        admin.send(kept, "What is it?")
        processes.wait_until(lambda: guest.get("chat/list")[0] == 401, "the end of the token")

        def gone():
            return [each for each in bell(admin)["notifications"] if each["type"] == "guest_left"]
        (told,) = processes.wait_until(gone, "the note to the staff")
        assert told["chat_id"] == guest.chat_id
        chats = {each["chat_id"]: each["status"] for each in admin.good(admin.get("chat/list"))["chats"]}
        assert chats == {guest.chat_id: "closed", kept: "open"}
        assert [each["text"] for each in admin.messages(guest.chat_id)] == ["hello", "an answer"]
        # The mail's link still brings the guest back.
        mariadb.query("UPDATE tbl_chat_presence SET is_online = 0, last_seen_at = '2020-01-01'"
                      " WHERE person_type = 'guest'", database=name)
        (mail,) = processes.wait_until(lambda: mails.to(address), "the mail")
        token = re.search(r"chat-return#(\S+)", plain(mail)).group(1)
        back = Client(server.address)
        back.good(back.post("chat/return", token=token))
        assert [each["text"] for each in back.messages(guest.chat_id)] == ["hello", "an answer"]
    finally:
        server.stop()
        assert [each.stop() for each in both] == [0, 0]
