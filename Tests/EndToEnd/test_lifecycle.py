"""How the program is started, stopped, set up, and how it lives through others' failures."""

import concurrent.futures
import contextlib
import os
import signal
import socket
import subprocess
import uuid

import pytest

from harness import processes, program
from harness.clients import Client
from harness.mariadb import ROOT, MariaDB
from harness.program import BINARY, Program
from harness.web import Nginx, free_port

OLD_CHAT_TABLES = ROOT / "Tests/EndToEnd/site/old_chat_tables.sql"


@contextlib.contextmanager
def nginx_of(folder, sockets):
    server = Nginx(folder, sockets)
    try:
        yield Client(server.address)
    finally:
        server.stop()


def health(client):
    return client.get("chat/health")


# Starting and stopping


def test_stop_finishes_and_exits_with_zero(database, folder):
    one = Program(folder, "stops", program.environment(database))
    with nginx_of(folder, [one.socket]) as client:
        assert health(client)[0] == 200
        assert one.stop() == 0
    assert not one.socket.exists()
    assert "Stopped." in one.log.read_text()


def test_a_stale_socket_is_replaced_and_one_in_use_is_refused(database, folder):
    env = program.environment(database)
    one = Program(folder, "stale", env)
    one.kill()
    assert one.socket.exists()
    one.start()
    second = program.run(["serve"], one.env)
    assert second.returncode == 1
    assert second.stderr == (
        f"nati-chat: Cannot listen on unix:{one.socket}: another program listens there.\n")
    other_file = folder / "file.sock"
    other_file.write_text("precious")
    refused = program.run(["serve"], {**env, "NATI_CHAT_LISTEN": f"unix:{other_file}"})
    assert refused.returncode == 1 and other_file.read_text() == "precious"
    assert one.stop() == 0


def test_permissions_of_the_socket(database, folder):
    path = folder / "mode.sock"
    env = {**program.environment(database), "NATI_CHAT_LISTEN": f"unix:{path}"}
    one = processes.start([BINARY, "serve"], folder / "mode.log", env=env)
    processes.wait_until(path.exists, "the socket")
    assert path.stat().st_mode & 0o777 == 0o660
    assert processes.stop(one) == 0


def test_tcp_port(database, folder):
    port = free_port()
    env = {**program.environment(database), "NATI_CHAT_LISTEN": f"127.0.0.1:{port}"}
    one = processes.start([BINARY, "serve"], folder / "tcp.log", env=env)

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    processes.wait_until(answers, "the port")
    taken = program.run(["serve"], env)
    assert taken.returncode == 1 and "Address already in use" in taken.stderr
    assert processes.stop(one) == 0


@pytest.mark.parametrize("listen", [None, "fd:0"])
def test_inherited_descriptor(database, folder, listen):
    """As spawn-fcgi, mod_fcgid and systemd's StandardInput=socket start it."""
    path = folder / f"inherited-{listen is None}.sock"
    env = program.environment(database)
    if listen:
        env["NATI_CHAT_LISTEN"] = listen
    started = subprocess.run(
        ["spawn-fcgi", "-s", str(path), "-M", "0666", "-P", str(folder / "spawned.pid"), "--",
         str(BINARY)], env=env, capture_output=True, text=True)
    assert started.returncode == 0, started.stderr
    pid = int((folder / "spawned.pid").read_text())
    try:
        with nginx_of(folder, [path]) as client:
            processes.wait_until(lambda: health_or_none(client) == 200, "the spawned program")
    finally:
        os.kill(pid, signal.SIGTERM)
        processes.wait_until(lambda: not running(pid), "the spawned program's end")


def health_or_none(client):
    response = client.raw("GET", "/api/chat/health")
    return response.status_code


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def test_plain_cgi(database, people):
    """One request in the environment and on standard input, one answer, the end."""
    customer = people.customer()
    chat_id = customer.start()
    body = f"chat_id={chat_id}&message=by+CGI"
    env = {**program.environment(database), "GATEWAY_INTERFACE": "CGI/1.1",
           "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/cgi-bin/nati-chat",
           "PATH_INFO": "/api/chat/send_message.php", "QUERY_STRING": "--help",
           "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
           "HTTP_COOKIE": f"nati_chat_session={customer.http.cookies['nati_chat_session']}"}
    # A web server may pass a query without "=" as arguments: they must not be looked at.
    done = subprocess.run([BINARY, "--help"], env=env, input=body.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    head, _, answer = done.stdout.decode().partition("\r\n\r\n")
    assert head.startswith("Status: 200 OK\r\nContent-Type: application/json; charset=utf-8")
    assert '"success":true' in answer
    assert [m["text"] for m in customer.messages(chat_id)] == ["by CGI"]


@pytest.mark.parametrize("name,value", [
    ("LISTEN", "nowhere"), ("LISTEN", "unix:relative"), ("LISTEN_MODE", "rw"), ("WORKERS", "0"),
    ("WORKERS", "many"), ("DB_PORT", "70000"), ("PHP_SESSIONS", "relative"),
    ("ADMIN_IDLE", "-1"), ("SESSION_TTL", "x"), ("GUEST_TTL", "0"), ("MAX_BODY", "1"),
    ("LOG_LEVEL", "loud"), ("DB_PASSWORD_FILE", "/nonexistent")])
def test_wrong_configuration_is_named(database, name, value):
    done = program.run(["serve"], program.environment(database, **{name: value}))
    assert done.returncode == 1
    assert done.stderr.startswith("nati-chat: ") and f"NATI_CHAT_{name}" in done.stderr


def test_password_file(database, folder):
    path = folder / "password"
    path.write_text("secret\n")
    env = program.environment(database, DB_USER="nati_chat", DB_PASSWORD_FILE=path,
                              LISTEN=f"unix:{folder}/x.sock")
    assert program.run(["check"], env).returncode == 0


def test_help_shows_every_variable(database):
    text = program.run(["--help"], {}).stdout
    for name, standard in (("NATI_CHAT_LISTEN", "unix:/run/nati-chat/nati-chat.sock"),
                           ("NATI_CHAT_ADMIN_IDLE", "1800"), ("NATI_CHAT_GUEST_TTL", "86400"),
                           ("NATI_CHAT_MAX_BODY", "65536"),
                           ("NATI_CHAT_PHP_SESSION_NAME", "PHPSESSID")):
        assert f"{name} [{standard}]" in text


# Migrations


TABLES = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = %s"
SCHEMA = """SELECT table_name, column_name, column_type, is_nullable, column_default
            FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2"""


@pytest.mark.parametrize("start", ["no chat tables", "old chat tables with rows"])
def test_migrations_from_each_starting_point(database, start):
    name = "nati_migrate"
    files = ["sql/demo/site_tables.sql", "sql/demo/people.sql"]
    if start != "no chat tables":
        files.append(OLD_CHAT_TABLES.relative_to(ROOT))
    database.make_database(name, *files)
    env = program.environment(database, DB_NAME=name)
    old_rows = [] if start == "no chat tables" else database.query(
        "SELECT message_id, chat_id, sender_type, sender_id, message, is_read, created_at"
        " FROM tbl_chat_messages", database=name)
    before = {row["name"] for row in database.query(TABLES, name)}
    check = program.run(["check"], env)
    assert check.returncode == 1 and "The schema is not up to date." in check.stdout
    refused = program.run(["serve"], {**env, "NATI_CHAT_LISTEN": "127.0.0.1:1"})
    assert refused.returncode == 1

    planned = program.run(["migrate", "--dry-run"], env)
    assert planned.stdout.count("would run") == 7
    assert {row["name"] for row in database.query(TABLES, name)} == before
    done = program.run(["migrate"], env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace("ran ", "would run ") == planned.stdout
    assert program.run(["migrate"], env).stdout == "The schema is up to date.\n"
    if old_rows:
        assert old_rows == database.query(
            "SELECT message_id, chat_id, sender_type, sender_id, message, is_read, created_at"
            " FROM tbl_chat_messages", database=name)
    after = database.query(SCHEMA, name)

    back = program.run(["migrate", "--to", "0"], env)
    assert back.returncode == 0, back.stderr
    left = {row["name"] for row in database.query(TABLES, name)}
    assert left == before | {"tbl_chats", "tbl_chat_messages", "tbl_guest_sessions"}
    assert program.run(["migrate", "--to", "3"], env).stdout.count("ran") == 3
    assert program.run(["migrate", "--to", "9"], env).returncode == 1
    assert program.run(["migrate"], env).returncode == 0
    assert database.query(SCHEMA, name) == after


def test_migrations_by_hand_twice(database):
    name = "nati_by_hand"
    database.make_database(name, "sql/demo/site_tables.sql", OLD_CHAT_TABLES.relative_to(ROOT))
    files = sorted(path for path in (ROOT / "sql/migrations").glob("*.sql")
                   if not path.name.endswith(".down.sql"))
    for _ in range(2):
        for file in files:
            database.run_file(file, name)
    env = program.environment(database, DB_NAME=name)
    assert program.run(["migrate"], env).stdout == "The schema is up to date.\n"
    # Now the files' checksums are recorded: a changed one is refused.
    database.query("UPDATE tbl_chat_migrations SET checksum = REPEAT('0', 64)"
                   " WHERE name = '0002_columns_and_indexes'", database=name)
    refused = program.run(["migrate"], env)
    assert refused.returncode == 1
    assert "0002_columns_and_indexes.sql was changed" in refused.stderr
    for file in reversed(files):
        database.run_file(file.with_name(f"{file.stem}.down.sql"), name)
    assert {row["name"] for row in database.query(TABLES, name)} == {
        "tbl_user", "tbl_admin", "tbl_worker", "tbl_chats", "tbl_chat_messages",
        "tbl_guest_sessions"}


def test_check_tells_what_is_wrong(database, folder):
    socket_setting = {"LISTEN": f"unix:{folder}/check.sock"}
    good = program.run(["check"], program.environment(database, **socket_setting))
    assert good.returncode == 0 and "FAULT" not in good.stdout
    database.query("CREATE OR REPLACE USER poor@localhost")
    for table in ("tbl_user", "tbl_chats", "tbl_chat_migrations"):
        database.query(f"GRANT SELECT ON nati.{table} TO poor@localhost")
    poor = program.run(["check"], program.environment(database, DB_USER="poor", **socket_setting))
    assert poor.returncode == 1
    assert "FAULT The account lacks UPDATE on tbl_chats." in poor.stdout
    assert "lacks TRIGGER" in poor.stdout
    for settings, sentence in (
            ({"DB_SOCKET": "/nonexistent"}, "The database says"),
            ({"DB_NAME": "nothing"}, "Unknown database"),
            ({"PHP_SESSIONS": "/nonexistent"}, "/nonexistent cannot be entered"),
            ({"LISTEN": "unix:/nonexistent/x.sock"}, "cannot be made")):
        done = program.run(
            ["check"], program.environment(database, **{**socket_setting, **settings}))
        assert done.returncode == 1 and sentence in done.stdout, done.stdout


# Failures of others


def test_two_processes_answer_alike(people, programs, folder):
    customer = people.customer()
    chat_id = customer.start(message="one")
    replies = []
    for each in programs:
        with nginx_of(folder, [each.socket]) as client:
            client.http.cookies.update(customer.http.cookies.get_dict())
            client.send(chat_id, "from either")
            replies.append(client.good(client.get("chat/list")))
    assert [chat["chat_id"] for chat in replies[0]["chats"]] == [chat_id]
    assert [m["text"] for m in customer.messages(chat_id)] == ["one", "from either", "from either"]


def test_kill_in_the_middle_loses_no_acknowledged_message(people, database, folder):
    env = program.environment(database)
    both = [Program(folder, f"killed-{number}", env) for number in (1, 2)]
    customer = people.customer()
    chat_id = customer.start()
    acknowledged, lost_answers = {}, 0
    with nginx_of(folder, [each.socket for each in both]) as client:
        client.http.cookies.update(customer.http.cookies.get_dict())

        def send(number):
            key = str(uuid.uuid4())
            mine = Client(client.address)
            mine.http.cookies.update(customer.http.cookies.get_dict())
            tries = 0
            while True:
                tries += 1
                response = mine.raw("POST", "/api/chat/send_message", json={
                    "chat_id": chat_id, "message": f"number {number}", "client_message_id": key})
                if response.status_code == 200:
                    acknowledged[number] = response.json()["message_id"]
                    return tries
                assert response.status_code in (502, 503, 504), response.text
                assert tries < 100

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            sends = [pool.submit(send, number) for number in range(400)]
            for _ in range(3):
                seen = len(acknowledged)
                processes.wait_until(lambda: len(acknowledged) >= min(400, seen + 60), "some sends")
                both[0].kill()
                both[0].start()
            for each in sends:
                lost_answers += each.result() - 1
    stored = database.query("SELECT message_id, message FROM tbl_chat_messages WHERE chat_id = %s",
                            chat_id)
    assert {row["message_id"]: row["message"] for row in stored} == {
        message_id: f"number {number}" for number, message_id in acknowledged.items()}
    for each in both:
        assert each.stop() == 0


def test_stop_during_requests_loses_none(people, database, folder):
    env = program.environment(database)
    stopping = Program(folder, "stopping", env)
    customer = people.customer()
    chat_id = customer.start()
    with nginx_of(folder, [stopping.socket]) as client:
        client.http.cookies.update(customer.http.cookies.get_dict())
        sent = []

        def send(number):
            mine = Client(client.address)
            mine.http.cookies.update(customer.http.cookies.get_dict())
            response = mine.raw("POST", "/api/chat/send_message", json={
                "chat_id": chat_id, "message": f"number {number}"})
            if response.status_code == 200:
                sent.append(response.json()["message_id"])
            return response.status_code

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = [pool.submit(send, number) for number in range(300)]
            processes.wait_until(lambda: len(sent) > 50, "some sends")
            assert stopping.stop() == 0
            codes = {each.result() for each in results}
    assert codes <= {200, 502}
    stored = database.query("SELECT message_id FROM tbl_chat_messages WHERE chat_id = %s", chat_id)
    assert {row["message_id"] for row in stored} == set(sent)


def test_a_restart_of_the_database(folder):
    server = MariaDB()
    try:
        server.make_database("nati", "sql/demo/site_tables.sql", "sql/demo/people.sql")
        env = program.environment(server)
        assert program.run(["migrate"], env).returncode == 0
        one = Program(folder, "restart", env)
        with nginx_of(folder, [one.socket]) as client:
            client.login("nati", "demo-admin")
            assert client.get("chat/list")[0] == 200
            server.stop()
            response = client.raw("GET", "/api/chat/list")
            assert client.reply(response)[0] == 503 and response.headers["Retry-After"]
            assert health(client)[0] == 503
            assert client.get("chat/health", database=0)[0] == 200
            server.start()
            processes.wait_until(lambda: client.get("chat/list")[0] == 200, "the database")
            assert client.post("chat/start", user_id=1)[0] == 200
        assert one.stop() == 0
    finally:
        server.remove()
