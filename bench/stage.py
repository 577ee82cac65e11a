"""What scripts/bench measures on: databases with rows, and the servers, all private."""

import contextlib
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from harness import processes, program  # noqa: E402
from harness.mariadb import IS_ROOT, MariaDB  # noqa: E402
from harness.program import Program  # noqa: E402
from harness.web import free_port  # noqa: E402

SESSIONS = {
    "customer": ("c" * 26, 'user_id|s:1:"1";id|s:1:"1";name|s:4:"Abel";'),
    "admin": ("a" * 26, 'admin_id|s:1:"1";last_activity|i:{now};'),
}


class Stage:
    """Starts everything but the load; `close` ends all of it by pid."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nati-bench-"))
        self._started = []
        self.database = None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        self.database = MariaDB()
        durable = self.database.query("SELECT @@innodb_flush_log_at_trx_commit AS n", database=None)
        assert durable[0]["n"] == 1, "commits must be durable"
        sessions = self.folder / "sessions"
        sessions.mkdir()
        for identifier, content in SESSIONS.values():
            (sessions / f"sess_{identifier}").write_text(content.format(now=int(time.time())))
        self._settings = {"PHP_SESSIONS": sessions}
        self._make_database("nati")
        fill_for_load(self.database)
        self.ours = self.start_program("ours", "nati")
        for hello in ("accept", "epoll"):
            self._start_process([ROOT / f".build/bench/hello_{hello}", self.folder / f"{hello}.sock"],
                                hello)
        self._start_php()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._start_web()
        for name in ("accept.sock", "epoll.sock", "php.sock", "nginx.pid"):
            processes.wait_until((self.folder / name).exists, name)
        self.cookies = {name: f"PHPSESSID={identifier}"
                        for name, (identifier, _) in SESSIONS.items()}
        self.cookies["own session"] = self._log_in("abel@example.com", "demo-customer")

    def close(self):
        try:
            for process in reversed(self._started):
                # libfcgi's own handler of SIGTERM ends no C hello world.
                is_hello = any("hello_" in argument for argument in process.args)
                processes.stop(process, signal.SIGKILL if is_hello else signal.SIGTERM)
        finally:
            if self.database:
                self.database.remove()
            shutil.rmtree(self.folder, ignore_errors=True)

    def statements(self):
        """Statements of all clients so far."""
        return int(self.database.query("SHOW GLOBAL STATUS LIKE 'Questions'")[0]["Value"])

    def environment(self, database):
        return program.environment(self.database, DB_NAME=database, **self._settings)

    def start_program(self, name, database):
        """The program as it is shipped: no setting but where database and sessions are."""
        started = Program(self.folder, name, self.environment(database))
        self._started.append(started.process)
        return started

    @contextlib.contextmanager
    def nobody_told(self):
        """Nobody tells people of messages: the right to do so is taken away."""
        take = ("UPDATE tbl_chat_leases SET owner = UNHEX(REPEAT('00', 16)), expires_at = '{}'"
                " WHERE name = 'notifications'")
        self.database.query(take.format("2037-01-01"))
        time.sleep(31)  # whoever has it counts on it for half a minute
        yield
        self.database.query(take.format("2000-01-01"))

    def log_messages(self, logs):
        """Whether messages leave an event."""
        if logs:
            migration = (ROOT / "sql/migrations/0005_events.sql").read_text()
            self.database.query(
                re.search(r"CREATE OR REPLACE TRIGGER chat_message_event.*?;", migration, re.S)[0])
        else:
            self.database.query("DROP TRIGGER IF EXISTS chat_message_event")

    def make_list_database(self, name, messages):
        """A site with so many messages, 20 in each chat, and a program of its own."""
        # The event log comes with the last migration: without it the rows are made much faster.
        self._make_database(name, to=4)
        fill_for_list(self.database, name, messages)
        self._migrate(name)
        # Deleted index entries of the filling would be measured, too.
        processes.wait_until(lambda: self.database.query(
            "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'")[0]["Value"] in ("0", "1", "2", "3"), "the purge",
            seconds=120)
        return self.start_program(name, name)

    def _make_database(self, name, to=None):
        self.database.make_database(name, "sql/demo/site_tables.sql", "sql/demo/people.sql")
        self._migrate(name, to)

    def _migrate(self, name, to=None):
        arguments = ["migrate"] + ([f"--to={to}"] if to else [])
        done = program.run(arguments, self.environment(name))
        assert done.returncode == 0, done.stderr

    def _log_in(self, login, password):
        answer = requests.post(f"{self.address}/ours/api/auth/login", timeout=10,
                               json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        return f"nati_chat_session={answer.cookies['nati_chat_session']}"

    def _start_process(self, arguments, name):
        self._started.append(processes.start(arguments, self.folder / f"{name}.log"))

    def _start_php(self):
        account = "user = root\ngroup = root\n" if IS_ROOT else ""
        (self.folder / "php-fpm.conf").write_text(f"""
[global]
error_log = {self.folder}/php-fpm-error.log
daemonize = no
[bench]
{account}listen = {self.folder}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 8
env[BENCH_DB] = {self.database.socket}
php_admin_value[opcache.enable] = 1
""")
        binary = shutil.which("php-fpm") or str(next(pathlib.Path("/usr/sbin").glob("php-fpm*")))
        as_root = ["--allow-to-run-as-root"] if IS_ROOT else []
        self._start_process([binary, *as_root, "--fpm-config", self.folder / "php-fpm.conf"],
                            "php-fpm")

    def _start_web(self):
        owner = "user root;" if IS_ROOT else ""
        temporary = "".join(f"{name}_temp_path {self.folder}/{name};" for name in (
            "client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        kept = "".join(
            f"upstream {name} {{ server unix:{self.folder}/{name}.sock; keepalive 64;"
            " keepalive_requests 1000000; }\n" for name in ("epoll", "ours", "second", "thousand",
                                                     "million"))
        for name in ("epoll", "ours", "second", "thousand", "million"):
            shipped = (ROOT / "nginx/nati-chat-fastcgi.conf").read_text()
            assert "fastcgi_pass nati_chat;" in shipped
            (self.folder / f"{name}.conf").write_text(
                shipped.replace("fastcgi_pass nati_chat;", f"fastcgi_pass {name};"))
        (self.folder / "nginx.conf").write_text(f"""
            daemon off; worker_processes 2; pid {self.folder}/nginx.pid; {owner}
            error_log {self.folder}/nginx-error.log warn;
            worker_rlimit_nofile 20000;
            events {{ worker_connections 19000; }}
            http {{
                access_log off; {temporary} keepalive_requests 1000000;
                upstream accept {{ server unix:{self.folder}/accept.sock; }}
                {kept}
                server {{
                    listen 127.0.0.1:{self.port} reuseport;
                    location /accept/ {{ fastcgi_pass accept; fastcgi_param REQUEST_METHOD GET; }}
                    location /epoll/ {{
                        fastcgi_pass epoll; fastcgi_keep_conn on; fastcgi_param REQUEST_METHOD GET;
                    }}
                    location /epoll-all-parameters/ {{ include epoll.conf; }}
                    location /php/ {{
                        fastcgi_pass unix:{self.folder}/php.sock;
                        fastcgi_param SCRIPT_FILENAME {ROOT}/bench$uri;
                        fastcgi_param REQUEST_METHOD $request_method;
                        fastcgi_param QUERY_STRING $query_string;
                        fastcgi_param CONTENT_TYPE $content_type;
                        fastcgi_param CONTENT_LENGTH $content_length;
                    }}
                    location /ours/ {{ include ours.conf; }}
                    location /second/ {{ include second.conf; }}
                    location /thousand/ {{ include thousand.conf; }}
                    location /million/ {{ include million.conf; }}
                }}
            }}""")
        self._start_process(["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf",
                             "-e", self.folder / "nginx-error.log"], "nginx")


def fill_for_load(database):
    """2,000 chats of customer 1; the first 1,000 have 20 messages each, half of them the worker's."""
    database.query("INSERT INTO tbl_chats (user_id, worker_id) SELECT 1, 1 FROM seq_1_to_2000")
    database.query("""INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)
                      SELECT 1 + seq % 1000, IF(seq % 2000 < 1000, 'user', 'worker'), 1,
                        CONCAT('Message number ', seq, ' about the brakes of the car.')
                      FROM seq_1_to_20000""")
    # The customer has read all but the newest, as most have: PHP and ours both count one.
    database.query("""INSERT INTO tbl_chat_read_marks
                        (chat_id, reader_type, reader_id, last_read_message_id, read_at)
                      SELECT chat_id, 'user', 1, MAX(message_id) - 1, UTC_TIMESTAMP()
                      FROM tbl_chat_messages GROUP BY chat_id""")
    database.query("""UPDATE tbl_chat_messages m
                      JOIN tbl_chat_read_marks r ON r.chat_id = m.chat_id
                      SET m.is_read = 1 WHERE m.message_id <= r.last_read_message_id""")
    database.query("ANALYZE TABLE tbl_chat_messages, tbl_chats, tbl_chat_read_marks")


def fill_for_list(database, name, messages):
    """Chats of 20 messages each; customer 1 has 50 of them, spread over all the time there is."""
    chats = messages // 20
    database.query(f"""INSERT INTO tbl_chats (user_id, worker_id)
                       SELECT IF(seq % {chats // 50} = 0, 1, 2), 1 FROM seq_1_to_{chats}""",
                   database=name)
    database.query(f"""INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)
                       SELECT 1 + seq % {chats}, IF(seq DIV {chats} % 2, 'worker', 'user'), 1,
                         CONCAT('Message number ', seq, ' about the brakes of the car.')
                       FROM seq_1_to_{messages}""", database=name)
    database.query(f"""UPDATE tbl_chats SET updated_at = NOW() - INTERVAL {chats} - chat_id SECOND""",
                   database=name)
    for reader in ("user", "admin"):
        database.query(f"""INSERT INTO tbl_chat_read_marks
                             (chat_id, reader_type, reader_id, last_read_message_id, read_at)
                           SELECT chat_id, '{reader}', 1, MAX(message_id) - 1, UTC_TIMESTAMP()
                           FROM tbl_chat_messages GROUP BY chat_id""", database=name)
    database.query("ANALYZE TABLE tbl_chat_messages, tbl_chats, tbl_chat_read_marks", database=name)
