"""Live updates as clients meet them: events, waiting, receipts, typing, presence, what a poll costs."""

import concurrent.futures
import contextlib
import subprocess
import threading
import time

import pytest

from harness import processes, program
from harness.clients import Client
from harness.program import BINARY, Program
from harness.web import Nginx


def updates(client, cursor=None, wait=0, **parameters):
    if cursor:
        parameters["cursor"] = cursor
    return client.good(client.get("chat/updates", wait=wait, **parameters))


def now(client, **parameters):
    return updates(client, **parameters)["cursor"]


def following(client, cursor, wanted, seconds=5):
    """Events until those wanted have come, and the cursor behind them."""
    events = []
    deadline = time.monotonic() + seconds
    while True:
        reply = updates(client, cursor, wait=1)
        assert not reply["reset"]
        cursor = reply["cursor"]
        events += reply["events"]
        if wanted(events):
            return events, cursor
        assert time.monotonic() < deadline, events


def of_type(events, kind, chat_id=None):
    return [e for e in events if e["type"] == kind and (chat_id is None or e["chat_id"] == chat_id)]


@contextlib.contextmanager
def waiting(client, cursor, wait=20, **parameters):
    """A poll that waits, in a thread of its own; its future."""
    other = Client(client.address)
    other.http.cookies.update(client.http.cookies)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        started = threading.Event()

        def poll():
            started.set()
            return other.get("chat/updates", cursor=cursor, wait=wait, **parameters)

        future = pool.submit(poll)
        started.wait()
        yield future


@pytest.fixture
def chat(people):
    """A customer's chat with a worker assigned."""
    customer, worker, admin = people.customer(), people.worker(), people.admin()
    chat_id = customer.start()
    admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
    return customer, worker, admin, chat_id


def test_message_comes_with_all_that_a_page_shows(chat):
    customer, worker, _, chat_id = chat
    cursor = now(worker)
    customer.send(chat_id, "my <brakes> squeak")
    events, cursor = following(worker, cursor, lambda events: of_type(events, "message"))
    (event,) = of_type(events, "message")
    message = event["message"]
    assert event["chat_id"] == chat_id == message["chat_id"]
    assert message["text"] == "my <brakes> squeak"
    assert message["message"] == "my &lt;brakes&gt; squeak"
    assert message["sender_name"] == "Abel Test" and message["sender_type"] == "user"
    assert message["timestamp"].endswith("Z") and "avatar" in message
    assert [m["message_id"] for m in worker.messages(chat_id)] == [message["message_id"]]
    # It is delivered once.
    assert of_type(updates(worker, cursor)["events"], "message") == []


def test_loading_and_following_leave_nothing_between(chat):
    customer, worker, _, chat_id = chat
    customer.send(chat_id, "one")
    page = worker.good(worker.get("chat/messages", chat_id=chat_id))
    listed = worker.good(worker.get("chat/list"))
    customer.send(chat_id, "two")
    for cursor in (page["cursor"], listed["cursor"]):
        events, _ = following(worker, cursor, lambda events: of_type(events, "message"))
        assert [e["message"]["text"] for e in of_type(events, "message")] == ["two"]


def test_waiting_request_is_answered_by_what_happens(chat):
    customer, worker, _, chat_id = chat
    cursor = now(worker)
    with waiting(worker, cursor) as poll:
        customer.send(chat_id, "hello")
        status, body = poll.result(timeout=5)
        assert status == 200 and body["events"]
        if not of_type(body["events"], "message"):  # somebody came or went at the same moment
            body = updates(worker, body["cursor"], wait=5)
        assert of_type(body["events"], "message", chat_id)
        assert body["unread"]["chats"] == {str(chat_id): 1} and body["unread"]["total"] == 1


def test_waiting_request_ends_with_its_time(people):
    customer = people.customer()
    # Its own coming online is an event, too.
    cursor = now(customer)
    begun = time.monotonic()
    reply = updates(customer, cursor, wait=1)
    assert reply["events"] == [] and time.monotonic() - begun >= 0.9


def test_events_of_one_chat_only(chat, people):
    customer, worker, _, chat_id = chat
    customer.send(chat_id, "here")
    other_id = customer.start()
    cursor = now(customer)
    worker.send(chat_id, "one")
    admin = people.admin()
    admin.send(other_id, "elsewhere")
    events, _ = following(customer, cursor, lambda events: len(of_type(events, "message")) == 2)
    reply = updates(customer, cursor, chat_id=other_id)
    assert {e["chat_id"] for e in of_type(reply["events"], "message")} == {other_id}
    stranger = people.customer()
    assert stranger.get("chat/updates", chat_id=chat_id)[0] == 404


def test_read_and_delivered_with_their_times(chat):
    customer, worker, _, chat_id = chat
    cursor = now(customer)
    sent = customer.send(chat_id, "seen?")["message_id"]
    # The worker's client gets it: delivered. Then it is read.
    following(worker, now(worker), lambda _: True)
    worker.messages(chat_id)
    events, cursor = following(customer, cursor, lambda events: of_type(events, "delivered"))
    (event,) = of_type(events, "delivered")
    assert event["last_delivered_message_id"] == sent and event["reader"]["id"] == worker.id
    (message,) = customer.messages(chat_id)
    assert message["delivered"] is True and message["is_read"] == 0
    worker.good(worker.post("chat/mark_read", chat_id=chat_id, message_id=sent))
    events, cursor = following(customer, cursor, lambda events: of_type(events, "read"))
    (event,) = of_type(events, "read")
    assert event["last_read_message_id"] == sent and event["read_at"].endswith("Z")
    assert event["reader"]["name"] == "Dawit Test" and event["reader"]["type"] == "worker"
    page = customer.good(customer.get("chat/messages", chat_id=chat_id))
    (mark,) = [mark for mark in page["marks"] if mark["reader"]["id"] == worker.id]
    assert mark["last_read_message_id"] == sent and mark["read_at"]
    # A mark moves forward only.
    worker.good(worker.post("chat/mark_read", chat_id=chat_id, message_id=sent - 1))
    assert of_type(updates(customer, cursor)["events"], "read") == []


def test_typing_is_told_to_the_others_at_most_every_three_seconds(chat, database):
    customer, worker, _, chat_id = chat
    worker_cursor, own_cursor = now(worker), now(customer)
    for _ in range(5):
        customer.good(customer.post("chat/typing", chat_id=chat_id))
    events, _ = following(worker, worker_cursor, lambda events: of_type(events, "typing"))
    event = of_type(events, "typing")[0]
    assert event["person"]["id"] == customer.id and 0 < event["expires_in_ms"] <= 6000
    assert of_type(updates(customer, own_cursor)["events"], "typing") == []
    (row,) = database.query("SELECT COUNT(*) AS n FROM tbl_chat_events WHERE chat_id = %s"
                            " AND type = 'typing'", chat_id)
    assert row["n"] <= 2
    # In a lively chat a client that does not wait comes again soon.
    assert updates(worker, now(worker), chat_id=chat_id)["next_poll_ms"] <= 2000


def test_typing_needs_a_chat_that_is_open_and_ones_own(chat, people):
    customer, _, admin, chat_id = chat
    assert people.customer().post("chat/typing", chat_id=chat_id)[0] == 404
    admin.good(admin.post("chat/close", chat_id=chat_id))
    assert customer.post("chat/typing", chat_id=chat_id)[0] == 409


def test_next_poll_for_clients_that_do_not_wait(chat):
    customer, _, _, chat_id = chat
    cursor = now(customer)
    assert 15_000 <= updates(customer, cursor)["next_poll_ms"] <= 30_000
    assert updates(customer, cursor, hidden=1)["next_poll_ms"] == 60_000


def test_online_while_polling_and_away_afterwards(chat, database):
    customer, worker, _, chat_id = chat
    cursor = now(worker)

    def online():
        (item,) = [c for c in worker.good(worker.get("chat/list"))["chats"]
                   if c["chat_id"] == chat_id]
        return item["other"]["online"]

    now(customer)
    processes.wait_until(online, "the customer's being online")
    # A minute without a request, told by the database's clock.
    database.query("UPDATE tbl_chat_presence SET last_seen_at = last_seen_at - INTERVAL 61 SECOND"
                   " WHERE person_type = 'user' AND person_id = %s", customer.id)
    following(
        worker, cursor, lambda events: [e for e in of_type(events, "presence")
                                        if e["person"]["id"] == customer.id and not e["online"]],
        seconds=15)
    assert not online()


def test_strangers_learn_nothing_of_each_other(people):
    one, two = people.customer(), people.customer()
    cursor = now(two)
    chat_id = one.start(message="private")
    one.post("chat/typing", chat_id=chat_id)
    two_chat = two.start(message="mine")
    events, _ = following(two, cursor, lambda events: of_type(events, "message", two_chat))
    assert {e["chat_id"] for e in events if e["chat_id"]} == {two_chat}
    assert not [e for e in of_type(events, "presence") if e["person"]["id"] == one.id
                and e["person"]["type"] == "user"]


def test_worker_taken_off_a_chat_is_told_so_and_nothing_after_it(chat, people):
    customer, worker, admin, chat_id = chat
    successor = people.worker("Sara Test")
    cursor, successors = now(worker), now(successor)
    with waiting(worker, cursor) as poll:
        admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=successor.id))
        _, body = poll.result(timeout=5)
    customer.send(chat_id, "secret of the successor")
    following(successor, successors, lambda events: of_type(events, "message", chat_id))
    events = body["events"] + updates(worker, body["cursor"])["events"]
    (assigned,) = of_type(events, "assigned", chat_id)
    assert assigned["access"] is False and assigned["worker_id"] == successor.id
    assert of_type(events, "message", chat_id) == []
    # Also for a cursor that is older than the change.
    assert of_type(updates(worker, cursor)["events"], "message", chat_id) == []
    assert worker.get("chat/messages", chat_id=chat_id)[0] == 404
    assert chat_id not in [c["chat_id"] for c in worker.good(worker.get("chat/list"))["chats"]]


def test_status_and_new_chats_are_told(chat):
    customer, worker, admin, chat_id = chat
    cursor = now(worker)
    admin_cursor = now(admin)
    worker.good(worker.post("chat/escalate", chat_id=chat_id))
    admin.good(admin.post("chat/close", chat_id=chat_id))
    events, _ = following(worker, cursor, lambda events: len(of_type(events, "status")) == 2)
    assert [e["status"] for e in of_type(events, "status")] == ["escalated", "closed"]
    new_id = customer.start()
    events, _ = following(admin, admin_cursor, lambda events: of_type(events, "chat", new_id))
    assert of_type(events, "chat", new_id)[0]["status"] == "open"


def test_rows_of_the_old_site_show_up_within_300_ms(chat, database):
    customer, worker, _, chat_id = chat
    cursor = now(worker)
    delays = []
    for number in range(5):
        with waiting(worker, cursor) as poll:
            begun = time.monotonic()
            database.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                           " VALUES (%s, 'user', %s, %s)", chat_id, customer.id, f"old {number}")
            _, body = poll.result(timeout=5)
            delays.append(time.monotonic() - begun)
            events, cursor = body["events"], body["cursor"]
            if not of_type(events, "message"):  # somebody came or went at the same moment
                events, cursor = following(worker, cursor, lambda each: of_type(each, "message"))
            assert of_type(events, "message")[0]["message"]["text"] == f"old {number}"
    # The old pages' own poll sees it as soon.
    begun = time.monotonic()
    database.query("INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                   " VALUES (%s, 'user', %s, 'newest')", chat_id, customer.id)
    processes.wait_until(lambda: worker.messages(chat_id)[-1]["text"] == "newest", "the row", 2)


def test_cursors_that_lead_nowhere(people):
    customer = people.customer()
    cursor = now(customer)
    for wrong in ("x", "-1", "1" * 400, "' OR 1=1", "99999999999999999999999"):
        assert customer.get("chat/updates", cursor=wrong)[0] == 422, wrong
    for wrong in (-1, 31, "soon"):
        assert customer.get("chat/updates", cursor=cursor, wait=wrong)[0] == 422, wrong


def test_nobody_gets_no_updates(browser):
    assert browser().get("chat/updates")[0] == 401


def test_nine_polls_of_one_person(people):
    """The oldest of nine is answered with nothing; the others wait on."""
    customer = people.customer()
    processes.wait_until(lambda: updates(customer, now(customer), wait=1)["events"] == [], "quiet")
    cursor = now(customer)
    with contextlib.ExitStack() as stack:
        polls = []
        for number in range(9):
            polls.append(stack.enter_context(waiting(customer, cursor, wait=15)))
            time.sleep(0.05)  # so that the first is the oldest: a request has no other order
        status, body = polls[0].result(timeout=5)
        assert status == 200 and body["events"] == []
        assert not any(poll.done() for poll in polls[1:])
        customer.start(message="ends them all")
        for poll in polls[1:]:
            assert poll.result(timeout=5)[0] == 200


def test_log_out_ends_a_waiting_request(chat):
    _, worker, _, _ = chat
    cursor = now(worker)
    with waiting(worker, cursor) as poll:
        worker.good(worker.post("auth/logout"))
        status, body = poll.result(timeout=15)
        if status == 200:  # somebody came or went at the same moment
            status, body = worker.get("chat/updates", cursor=body["cursor"])
        assert status == 401 and body["error"]


@pytest.fixture
def separate(database, folder, php):
    """Makes nginx with processes of its own; all of it ends with the test."""
    with contextlib.ExitStack() as stack:
        def make(name, count=1, **settings):
            env = program.environment(
                database, DB_USER="nati_chat", DB_PASSWORD="secret", PHP_SESSIONS=php.sessions,
                **settings)
            programs = [Program(folder, f"{name}{number}", env) for number in range(count)]
            for each in programs:
                stack.callback(each.stop)
            server = Nginx(folder, [each.socket for each in programs], php)
            stack.callback(server.stop)
            return programs, server
        yield make


def test_beyond_the_bound_nobody_waits(separate):
    _, nginx = separate("bound", MAX_WAITING=1)
    admin = Client(nginx.address).login("nati", "demo-admin")
    worker = Client(nginx.address).login("dawit", "demo-worker")
    with waiting(admin, now(admin), wait=3) as first, waiting(admin, now(admin), wait=3) as second:
        def refused():
            response = worker.raw("GET", "/api/chat/updates",
                                  params={"cursor": now(worker), "wait": 1})
            return response.status_code == 503 and response.headers["Retry-After"]
        processes.wait_until(refused, "the refusal")
        assert sorted(poll.result(timeout=10)[0] for poll in (first, second)) == [200, 503]


def test_stop_answers_those_who_wait(separate):
    (one,), nginx = separate("stopping")
    admin = Client(nginx.address).login("nati", "demo-admin")
    processes.wait_until(lambda: updates(admin, now(admin), wait=1)["events"] == [], "quiet")
    with waiting(admin, now(admin)) as poll:
        time.sleep(0.3)  # it waits by now: nothing tells from outside
        begun = time.monotonic()
        assert one.stop() == 0
        assert poll.result(timeout=5)[0] == 200
        assert time.monotonic() - begun < 5


def test_a_client_that_leaves_is_forgotten(separate):
    (one,), nginx = separate("leaving", MAX_WAITING=1)
    admin = Client(nginx.address).login("nati", "demo-admin")
    with pytest.raises(Exception):
        admin.http.get(f"{nginx.address}/api/chat/updates", timeout=0.5,
                       params={"cursor": now(admin), "wait": 30})
    worker = Client(nginx.address).login("dawit", "demo-worker")
    processes.wait_until(
        lambda: worker.get("chat/updates", cursor=now(worker), wait=1)[0] == 200, "its place")


def test_old_cursors(separate, database):
    """Older than memory: from the log. Older than the log: start anew. Of another database: the same."""
    (one,), nginx = separate("old")
    customer = Client(nginx.address)
    chat_id = customer.start(name="Old")
    cursor = now(customer)
    for number in range(3):
        customer.send(chat_id, f"message {number}")
    # Nothing is in memory after a start but the newest 2,000 events.
    database.query("INSERT INTO tbl_chat_events (chat_id, type, person_type, person_id)"
                   " SELECT %s, 'typing', 'guest', 0 FROM seq_1_to_2500", chat_id)
    one.stop()
    one.start()
    events, _ = following(customer, cursor, lambda events: len(of_type(events, "message")) >= 3)
    assert [e["message"]["text"] for e in of_type(events, "message")] == [
        f"message {number}" for number in range(3)]
    (row,) = database.query("SELECT MAX(event_id) AS id FROM tbl_chat_events")
    database.query("DELETE FROM tbl_chat_events WHERE event_id <= %s", row["id"] - 2000)
    reply = updates(customer, cursor)
    assert reply["reset"] is True and reply["events"] == []
    assert updates(customer, reply["cursor"])["reset"] is False


def test_who_waits_with_an_old_cursor_is_told_of_typing(separate, database):
    """The log has nothing for it: from then on it waits in memory as any other, without statements."""
    (one,), nginx = separate("behind")
    customer = Client(nginx.address)
    chat_id = customer.start(name="Behind")
    admin = Client(nginx.address).login("nati", "demo-admin")
    _, cursor = following(customer, now(customer), lambda events: True)
    elsewhere = Client(nginx.address).start(name="Elsewhere")
    database.query("INSERT INTO tbl_chat_events (chat_id, type, person_type, person_id)"
                   " SELECT %s, 'typing', 'admin', 1 FROM seq_1_to_2500", elsewhere)
    one.stop()
    one.start()
    before, begun = questions(database), time.monotonic()
    with waiting(customer, cursor) as poll:
        concurrent.futures.wait([poll], timeout=1.5)
        made = questions(database)["Questions"] - before["Questions"]
        assert made < 3 * (time.monotonic() - begun) * 10 + 60, made
        admin.good(admin.post("chat/typing", chat_id=chat_id))
        status, body = poll.result(timeout=5)
    assert status == 200
    if not of_type(body["events"], "typing"):  # the admin came online at the same moment
        following(customer, body["cursor"], lambda events: of_type(events, "typing"))


def test_two_processes_tell_the_same(separate):
    programs, nginx = separate("pair", count=2)
    customer = Client(nginx.address)
    chat_id = customer.start(name="Pair")
    admin = Client(nginx.address).login("nati", "demo-admin")
    cursor = now(admin)
    sent = [customer.send(chat_id, f"message {number}")["message_id"] for number in range(20)]
    events, _ = following(admin, cursor, lambda events: len(of_type(events, "message", chat_id)) >= 20)
    assert [e["message"]["message_id"] for e in of_type(events, "message", chat_id)] == sent
    for _ in range(4):
        processes.wait_until(
            lambda: admin.good(admin.get("chat/unread_count", chat_id=chat_id))["unread_count"] == 20,
            "the count", 2)


def test_plain_cgi_does_not_wait(chat, programs):
    customer, _, _, chat_id = chat
    cookie = "; ".join(f"{name}={value}" for name, value in customer.http.cookies.items())
    env = {**programs[0].env, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
           "PATH_INFO": "/api/chat/updates", "QUERY_STRING": f"cursor={now(customer)}&wait=20",
           "HTTP_COOKIE": cookie}
    begun = time.monotonic()
    done = subprocess.run([BINARY], env=env, capture_output=True, text=True, timeout=20)
    assert done.stdout.startswith("Status: 200"), done.stdout + done.stderr
    assert time.monotonic() - begun < 5


def questions(database):
    """Statements so far, without those of the upkeep that runs whether or not anybody polls."""
    rows = database.query("SHOW GLOBAL STATUS WHERE Variable_name IN"
                          " ('Questions', 'Com_insert', 'Com_update', 'Com_delete')")
    return {row["Variable_name"]: int(row["Value"]) for row in rows}


def test_idle_polls_make_no_statement(chat, people, php):
    """Counted by the server: many polls of every kind and role cost what no polls cost."""
    customer, worker, admin, chat_id = chat
    customer.send(chat_id, "the last word")
    guest = people.guest(name="Idle")
    site = people.browser().php_login(user=customer.id)
    clients = [customer, worker, admin, guest, site]
    chats = [chat_id, chat_id, chat_id, guest.chat_id, chat_id]

    def poll_all(rounds):
        for client, its_chat in zip(clients, chats):
            cursor, etag = cursors[client]
            for _ in range(rounds):
                assert client.get("chat/updates", cursor=cursor)[0] == 200
                assert client.get("chat/updates", cursor=cursor, chat_id=its_chat)[0] == 200
                assert client.get("chat/unread_count", chat_id=its_chat)[0] == 200
                assert client.get("chat/unread_count")[0] == 200
                response = client.raw("GET", "/api/chat/messages", params={"chat_id": its_chat},
                                      headers={"If-None-Match": etag})
                assert response.status_code == 304 and not response.content

    def etag(client, its_chat):
        response = client.raw("GET", "/api/chat/messages", params={"chat_id": its_chat})
        assert response.status_code == 200, response.text
        return response.headers["ETag"]

    # Deliveries of what was just loaded are noted once; then all is quiet.
    for client, its_chat in zip(clients, chats):
        etag(client, its_chat)
    processes.wait_until(lambda: all(
        updates(client, now(client), wait=1)["events"] == [] for client in clients), "quiet")
    cursors = {client: (now(client), etag(client, its_chat))
               for client, its_chat in zip(clients, chats)}
    poll_all(1)
    database = people.database
    before, begun = questions(database), time.monotonic()
    poll_all(60)
    after, seconds = questions(database), time.monotonic() - begun
    polls = 60 * 5 * len(clients)
    made = after["Questions"] - before["Questions"]
    # Two processes look at the log five times a second, and refresh what they know every 2 s.
    background = 2 * seconds * 10 + 60
    assert made < background < polls / 2, (made, background, polls)
    assert after["Com_delete"] == before["Com_delete"]
    # Presence: a write for a person and half a minute, at most.
    assert after["Com_insert"] - before["Com_insert"] <= 2 * len(clients)


def test_unread_is_right_while_sending_and_reading_race(chat):
    customer, worker, _, chat_id = chat
    stop = threading.Event()

    def read():
        reader = Client(worker.address)
        reader.http.cookies.update(worker.http.cookies)
        while not stop.is_set():
            newest = reader.messages(chat_id)[-1:]
            if newest:
                reader.good(reader.post("chat/mark_read", chat_id=chat_id,
                                        message_id=newest[0]["message_id"]))
            updates(reader, now(reader))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(60):
        customer.send(chat_id, f"message {number}")
    stop.set()
    thread.join()
    ids = [m["message_id"] for m in worker.messages(chat_id)]
    marks = worker.good(worker.get("chat/messages", chat_id=chat_id))["marks"]
    mark = [m["last_read_message_id"] for m in marks if m["reader"]["id"] == worker.id]
    expected = sum(1 for each in ids if each > (mark[0] if mark else 0))
    assert updates(worker)["unread"]["chats"].get(str(chat_id), 0) == expected
    worker.good(worker.post("chat/mark_read", chat_id=chat_id, message_id=ids[-1]))
    assert updates(worker)["unread"]["chats"].get(str(chat_id), 0) == 0


def test_old_events_are_pruned(separate, database):
    database.query("INSERT INTO tbl_chat_events (event_id, chat_id, type, created_at)"
                   " SELECT seq, 0, 'typing', NOW() - INTERVAL 1 DAY FROM seq_1_to_3 WHERE NOT EXISTS"
                   " (SELECT 1 FROM tbl_chat_events e WHERE e.event_id = seq)")
    database.query("INSERT INTO tbl_chat_events (chat_id, type) SELECT 0, 'typing' FROM seq_1_to_1100")
    # Whoever did it last has the right to do it for a while.
    database.query("UPDATE tbl_chat_leases SET expires_at = '2000-01-01'")
    separate("prune", count=2, EVENT_RETENTION=60)
    processes.wait_until(lambda: database.query(
        "SELECT COUNT(*) AS n FROM tbl_chat_events WHERE event_id <= 3")[0]["n"] == 0,
        "the pruning", 90)
