"""Every statement of the program, with the index it uses on a filled database: docs/queries.md.

`pytest test_queries.py --write-queries` writes that list anew.
"""

import re

import pytest

from harness import processes, program
from harness.clients import Client
from harness.mariadb import ROOT, MariaDB
from harness.program import Program
from harness.web import Nginx

LIST = ROOT / "docs/queries.md"
CHATS = 20_000
# A table with fewer rows than this is read as fast as its index.
FEW = 1_000
# Searches for a part of a text: no index helps, and the program bounds what they answer.
SEARCHES = ("LIKE",)


@pytest.fixture(scope="module")
def filled(folder):
    server = MariaDB()
    server.make_database("nati", "sql/demo/site_tables.sql", "sql/demo/people.sql",
                         "Tests/EndToEnd/site/notification_tables.sql")
    env = program.environment(
        server, SITE_URL="https://nati.example", SECRET="s" * 32, SMTP_URL="smtp://127.0.0.1:1",
        MAIL_DELAY=1, ESCALATE_AFTER=1, LONGEST_TRANSACTION=5)
    assert program.run(["migrate"], env).returncode == 0
    query = server.query
    query("INSERT INTO tbl_user (name, email, phonenum, password)"
          " SELECT CONCAT('Customer ', seq), CONCAT('c', seq, '@example.com'), '', ''"
          " FROM seq_1_to_5000")
    query("INSERT INTO tbl_guest_sessions (session_token, token_hash, name, last_active_at)"
          " SELECT CONCAT('t', seq), UNHEX(SHA2(seq, 256)), 'Guest', NOW() FROM seq_1_to_5000")
    query("INSERT INTO tbl_chat_sessions (token_hash, person_type, person_id, password_digest,"
          " created_at, last_used_at, expires_at) SELECT UNHEX(SHA2(seq, 256)), 'user', seq,"
          " UNHEX(SHA2('', 256)), NOW(), NOW(), NOW() + INTERVAL 1 DAY FROM seq_1_to_5000")
    query("INSERT INTO tbl_chat_presence (person_type, person_id, is_online, last_seen_at)"
          " SELECT 'user', seq, seq % 2, UTC_TIMESTAMP() FROM seq_1_to_5000")
    query(f"INSERT INTO tbl_chats (user_id, worker_id, status) SELECT 1 + seq % 4000, 1 + seq % 2,"
          f" ELT(1 + seq % 8, 'open', 'closed', 'closed', 'closed', 'pending', 'escalated', 'closed',"
          f" 'closed') FROM seq_1_to_{CHATS}")
    query(f"INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
          f" SELECT 1 + seq % {CHATS}, IF(seq % 3, 'user', 'worker'), 1, 'text'"
          f" FROM seq_1_to_{CHATS * 5}")
    query(f"INSERT INTO tbl_chat_read_marks (chat_id, reader_type, reader_id, last_read_message_id,"
          f" read_at) SELECT seq, 'admin', 1, seq, NOW() FROM seq_1_to_{CHATS}")
    query(f"INSERT INTO tbl_chat_notifications (recipient_type, recipient_id, type, chat_id, unread,"
          f" created_at, updated_at) SELECT 'user', 1 + seq % 4000, 'message', 1 + seq % {CHATS}, NULL,"
          f" '2020-01-01', IF(seq < 10, '2020-01-01', UTC_TIMESTAMP()) FROM seq_1_to_{CHATS}")
    query("INSERT INTO tbl_chat_mails (recipient_type, recipient_id, chat_id, message_id, state, queued,"
          " next_attempt_at, created_at) SELECT 'user', seq, seq, 1, 'sent', NULL, NOW(), '2020-01-01'"
          " FROM seq_1_to_10")
    query("INSERT INTO tbl_guest_sessions (session_token, last_active_at) VALUES ('gone', '2020-01-01')")
    query("INSERT INTO tbl_chats (guest_id) SELECT MAX(guest_id) FROM tbl_guest_sessions")
    tables = query("SELECT table_name AS name FROM information_schema.tables"
                   " WHERE table_schema = 'nati'")
    query("ANALYZE TABLE " + ", ".join(row["name"] for row in tables))
    query("UPDATE tbl_chat_events SET created_at = NOW() - INTERVAL 2 DAY"
          " ORDER BY event_id LIMIT 1500")
    # Ids that are missing: the feed asks for them until it takes them as rolled back.
    query("INSERT INTO tbl_chat_events (event_id, chat_id, type, status)"
          " SELECT MAX(event_id) + 3, 1, 'status', 'open' FROM tbl_chat_events")
    query(f"SET GLOBAL general_log_file = '{server.folder}/general.log'", database=None)
    query("SET GLOBAL general_log = 1", database=None)
    one = Program(folder, "queries", env)
    nginx = Nginx(folder, [one.socket])
    yield server, nginx.address
    nginx.stop()
    assert one.stop() == 0
    server.remove()


def use_everything(address):
    """Calls every endpoint, in every way that makes another statement."""
    guest = Client(address)
    guest_chat = guest.start(name="Gete", email="g@example.com", message="hello")
    client = Client(address)
    client.good(client.post("auth/signup", name="New", email="new@example.com",
                            password="correct horse"))
    client.login("new@example.com", "correct horse")
    chat_id = client.start(subject="Brakes")
    key = "0f6b1c9e-6a2c-4d0a-9d6d-6a1f3a6b8c11"
    for _ in range(2):
        client.send(chat_id, "first", client_message_id=key)
    client.start(message="second", client_message_id=key)
    client.good(client.post("chat/profile", name="Newer", phone="1"))
    client.get("chat/profile")
    client.good(client.post("chat/profile", current_password="correct horse",
                            new_password="correct horses"))
    client.post("auth/login", login="new@example.com", password="wrong")
    admin = Client(address).login("nati", "demo-admin")
    worker = Client(address).login("dawit", "demo-worker")
    guest.get("chat/profile")
    worker.get("chat/profile")
    admin.good(admin.post("auth/staff", type="worker", full_name="W", username="wnew",
                          password="correct horse"))
    admin.good(admin.post("auth/staff", type="admin", full_name="A", username="anew",
                          password="correct horse"))
    admin.start(user_id=5)
    admin.start(worker_id=1)
    worker.start(user_id=5)
    worker.start(admin_id=1)
    for each, its_chat in ((client, chat_id), (guest, guest_chat), (worker, 2), (admin, 2)):
        listed = each.good(each.get("chat/list", limit=2))
        if listed["next_page_token"]:
            each.get("chat/list", limit=2, page_token=listed["next_page_token"])
        for fields in ({"status": "active"}, {"status": "closed"}, {"assigned_to": "none"},
                       {"assigned_to": 1}, {"customer": "any"}, {"customer": 7}, {"guest": "any"},
                       {"guest": 1}, {"q": "Customer 12"}, {"chat_id": its_chat}):
            each.good(each.get("chat/list", **fields))
        each.messages(its_chat)
        each.messages(its_chat, limit=2, before_id=90_000)
        each.messages(its_chat, limit=2, after_id=1)
        each.get("chat/unread_count")
        each.get("chat/unread_count", chat_id=its_chat)
        newest = each.messages(its_chat)[-1]["message_id"]
        each.good(each.post("chat/mark_read", chat_id=its_chat, message_id=newest))
        each.get("chat/updates")
        each.get("chat/people", q="Customer 1")
        each.get("chat/people")
        each.post("chat/typing", chat_id=its_chat)
    admin.get("chat/get_technicians")
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=1))
    worker.good(worker.post("chat/pending", chat_id=chat_id))
    client.send(chat_id, "answer")
    worker.good(worker.post("chat/escalate", chat_id=chat_id))
    admin.send(chat_id, "I am here")
    admin.good(admin.post("chat/close", chat_id=chat_id))
    admin.good(admin.post("chat/reopen", chat_id=chat_id))
    admin.good(admin.get("chat/health"))
    for each in (admin, worker, client):
        each.good(each.get("chat/notifications"))
        each.good(each.get("chat/notifications", unread=1, before_id=90_000))
        each.good(each.post("chat/preferences", sound=False))
    for fields in ({"notification_id": 1}, {"chat_id": chat_id}, {}):
        admin.good(admin.post("chat/notifications/read", **fields))
    admin.good(admin.get("chat/deliveries", chat_id=chat_id))
    guest.good(guest.get("chat/preferences"))
    # A cursor from before all that memory holds.
    admin.get("chat/updates", cursor="1")
    client.get("chat/updates", cursor="1")
    client.post("auth/logout")


def normalized(statement):
    """One line, without values; lists of any length are the same."""
    text = re.sub(r"\s+", " ", statement.strip())
    text = re.sub(r"'(?:[^'\\]|\\.)*'|\b\d+\b|\bNULL\b(?=[,)])", "?", text)
    text = re.sub(r"_(?:binary|utf8mb4)\s*\?", "?", text)
    text = re.sub(r"\?(?:, ?\?)+", "?, …", text)
    group = r"(\((?:[^()]|\(\))*\))"
    text = re.sub(group + r"(?:, ?\1)+", r"\1, …", text)
    text = re.sub(group + r"(?: OR \1)+", r"\1 OR …", text)
    # One row or many: the same statement.
    text = re.sub(group + r" OR …", r"\1", re.sub(group + r", …", r"\1", text))
    return re.sub(r"X?\?", "?", text)


def statements(log):
    found = {}
    for match in re.finditer(r"\t +\d+ (?:Execute|Query)\t(.*?)(?=\n(?:\d{6} |\t)|\Z)", log, re.S):
        text = match.group(1)
        if re.match(r"(SELECT|UPDATE|DELETE|INSERT)\b", text) and "NEW." not in text and "tbl_" in text:
            found.setdefault(normalized(text), text)
    return found


def plan(database, statement):
    rows = database.query("EXPLAIN " + statement)
    return [(row["table"], row["key"], row["type"], int((row["rows"] or "0").split()[0]), row["Extra"] or "")
            for row in rows if row["table"] and not row["table"].startswith("<")]


def test_every_statement_is_listed_and_uses_an_index(filled, request):
    database, address = filled
    log = database.folder / "general.log"
    use_everything(address)
    # The upkeep's statements come by themselves.
    newest = re.compile(r"WHERE e.event_id > \d+ ORDER BY")
    processes.wait_until(
        lambda: newest.search(log.read_text(errors="replace"))
        and "tbl_chat_leases" in log.read_text(errors="replace")
        and all(part in log.read_text(errors="replace") for part in (
            "SET is_online = 0", "is_mirrored = 1", "SET escalated_at", "'guest_left'",
            "INTO tbl_chat_mails", "next_attempt_at = UTC", "OR e.event_id IN",
            "DELETE FROM tbl_chat_notifications", "DELETE FROM tbl_chat_mails")), "the upkeep", 90)
    database.query("SET GLOBAL general_log = 0", database=None)
    found = statements(log.read_text(errors="replace"))
    assert len(found) > 60, "the log was not read"
    listed, scans = [], []
    for shape, statement in sorted(found.items()):
        used = plan(database, statement)
        listed.append((shape, ", ".join(f"{table}: {key}" for table, key, *_ in used if key)))
        for table, key, kind, rows, extra in used:
            is_scan = kind == "ALL" or (kind == "index" and "LIMIT" not in shape)
            if is_scan and rows > FEW and not any(word in shape for word in SEARCHES):
                scans.append((table, key, rows, shape))
    assert scans == []
    if request.config.getoption("--write-queries"):
        write(listed)
    known = set(re.findall(r"^- `(.*)`", LIST.read_text(), re.M))
    assert {shape for shape, _ in listed} - known == set(), "run pytest --write-queries"


def write(listed):
    lines = ["# Statements", "",
             "Every statement of the running program and the index of each of its tables, as EXPLAIN",
             f"tells on a database with {CHATS:,} chats and {CHATS * 5:,} messages. Written by",
             "`test_queries.py`, which fails when one is missing or reads a whole table. Tables with few",
             "rows are read as a whole; searches for a part of a text are bounded by what they answer.", ""]
    for shape, used in listed:
        lines.append(f"- `{shape}`")
        if used:
            lines.append(f"  {used}")
    LIST.write_text("\n".join(lines) + "\n")
