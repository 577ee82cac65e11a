"""A history checker: many clients write and read at once, while parts die; then the logs are compared.

`scripts/soak` runs the same for longer.
"""

import threading
import time

import pytest

from conftest import PASSWORD
from harness import processes, program
from harness.clients import Client
from harness.mariadb import ROOT, MariaDB
from harness.program import Program
from harness.web import Nginx
from history.check import check
from history.people import HTTPWriter, Reader, Record, SQLWriter, seeded


class Stage:
    """Two processes behind one nginx on a database of its own, and those who chat."""

    def __init__(self, folder, name):
        self.database = MariaDB()
        self.database.make_database("nati", "sql/demo/site_tables.sql")
        done = program.run(["migrate"], program.environment(self.database))
        assert done.returncode == 0, done.stderr
        self.database.run_file(ROOT / "sql/demo/people.sql")
        env = program.environment(self.database)
        self.programs = [Program(folder, f"{name}{number}", env) for number in range(2)]
        self.nginx = Nginx(folder, [each.socket for each in self.programs])
        self._make_people()

    def _client(self, role):
        client = Client(self.nginx.address)
        client.role = role
        return client

    def _make_people(self):
        admin = self._client("admin").login("nati", "demo-admin")
        workers = [self._client("worker").login("dawit", "demo-worker")]
        admin.good(admin.post("auth/staff", type="worker", full_name="Second", username="second",
                              password=PASSWORD))
        workers.append(self._client("worker").login("second", PASSWORD))
        self.people = []  # (name, client, chats)
        of_worker = {worker: [] for worker in workers}
        everything, self.of_sql = [], []
        for number in range(5):
            if number < 3:
                client = self._client("user")
                client.good(client.post("auth/signup", name=f"C{number}", password=PASSWORD,
                                        email=f"c{number}@example.com"))
                client.login(f"c{number}@example.com", PASSWORD)
                chats = [client.start(message="hello") for _ in range(2)]
            else:
                client = self._client("guest")
                body = client.good(client.post("chat/start", name=f"G{number}"))
                client.id, chats = body["guest_id"], [body["chat_id"]]
            for chat_id in chats:
                worker = workers[chat_id % 2]
                admin.good(admin.post("chat/assign_worker", chat_id=chat_id, worker_id=worker.id))
                of_worker[worker].append(chat_id)
                self.of_sql.append((chat_id, client.role, client.id))
            everything += chats
            self.people.append((f"{client.role} {number}", client, chats))
        self.people += [(f"worker {w.id}", w, of_worker[w]) for w in workers]
        self.people.append(("admin", admin, everything))
        # What was said before the readers begin is not theirs to get.
        self.database.query("DELETE FROM tbl_chat_messages")

    def close(self):
        for each in (self.nginx, *self.programs):
            each.stop()
        self.database.remove()

    def run(self, seconds, seed, disturb=None, writer=HTTPWriter, sql_writer=SQLWriter,
            reader=Reader):
        """Lets them chat for a while; the faults found, and the record."""
        record = Record()
        readers = [reader(name, self._copy(client), chats, record, seeded(seed, "reader", name))
                   for name, client, chats in self.people]
        writers = [writer(self._copy(client), chats, record, seeded(seed, "writer", name))
                   for name, client, chats in self.people]
        writers += [sql_writer(self.database, self.of_sql, record, seeded(seed, "sql", number))
                    for number in range(2)]
        stops = (threading.Event(), threading.Event())
        failures = []

        def work(person, stop):
            try:
                person.run(stop)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(person, stops[index]))
                   for index, people in enumerate((writers, readers)) for person in people]
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not failures:
            time.sleep(0.1)
            if disturb:
                disturb(self)
        stops[0].set()
        for thread in threads[:len(writers)]:
            thread.join()
        stops[1].set()
        for thread in threads[len(writers):]:
            thread.join()
        assert not failures, failures
        for each in readers:
            self._drain(each)
        return check(self.database, record, readers), record

    def _copy(self, client):
        copy = self._client(client.role)
        copy.id = client.id
        copy.http.cookies.update(client.http.cookies)
        return copy

    def _drain(self, reader):
        """Polls until nothing more comes for half a second."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 0.5:
            if reader.poll(0) is not False:
                quiet_since = time.monotonic()
            time.sleep(0.05)


@pytest.fixture
def stage(folder, request):
    made = Stage(folder, f"history-{abs(hash(request.node.name)) % 10_000}-")
    yield made
    made.close()


@pytest.fixture
def seconds(request):
    return request.config.getoption("--soak-minutes") * 60


def test_nothing_is_lost_doubled_reordered_or_leaked(stage, seconds):
    faults, record = stage.run(seconds or 12, seed=time.time_ns())
    assert faults == {}
    assert len(record.acknowledged) > 200, "too little happened to say anything"


def test_nor_while_processes_die_and_servers_restart(stage, seconds):
    faults_made = [kill_a_process, reload_nginx, kill_a_process, restart_the_database]
    pause, done = (min(seconds / 5, 20) or 4), []
    begun = time.monotonic()

    def disturb(stage):
        if time.monotonic() - begun > pause * (len(done) + 1):
            fault = faults_made[len(done) % len(faults_made)]
            done.append(fault.__name__)
            fault(stage, len(done))

    faults, record = stage.run(seconds or 22, seed=time.time_ns(), disturb=disturb)
    assert faults == {}
    assert len(record.acknowledged) > 200 and len(done) >= len(faults_made)
    assert record.retries > 0, "nobody noticed the faults"


def kill_a_process(stage, number):
    each = stage.programs[number % 2]
    each.kill()
    each.start()


def reload_nginx(stage, number):
    stage.nginx.reload()


def restart_the_database(stage, number):
    stage.database.stop()
    stage.database.start()


# The checker is checked: what must not be is done, and has to be found.


class GlobalCursorReader(Reader):
    """Asks for all above the highest id it has seen: ids that become visible later are skipped."""

    database = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.last = 0

    def poll(self, wait):
        rows = self.database.query(
            "SELECT m.message_id, m.chat_id, m.message FROM tbl_chat_messages m"
            f" WHERE m.message_id > %s AND m.chat_id IN ({','.join(map(str, self.chats))})"
            " ORDER BY m.message_id", self.last)
        for row in rows:
            self.got.append((row["chat_id"], row["message_id"], row["message"]))
            self.last = row["message_id"]
        return bool(rows)


class HastySQLWriter(SQLWriter):
    """Acknowledges before the commit, which then may not come."""

    def finish(self, connection, chat_id, text, message_id):
        self.record.acknowledge(chat_id, text, message_id)
        if self.rng.random() < 0.1:
            connection.rollback()
        else:
            connection.commit()


def test_checker_finds_a_global_cursor(stage):
    GlobalCursorReader.database = stage.database
    faults, _ = stage.run(5, seed=1, reader=GlobalCursorReader)
    assert set(faults) >= {"skipped"}


def test_checker_finds_an_acknowledgement_before_the_commit(stage):
    faults, _ = stage.run(5, seed=2, sql_writer=HastySQLWriter)
    assert set(faults) >= {"lost"}


def test_checker_finds_a_missing_unique_key(stage):
    stage.database.query("ALTER TABLE tbl_chat_messages DROP INDEX message_sent_once")
    with pytest.raises(AssertionError, match="repeated try"):
        faults, _ = stage.run(5, seed=3)
        assert "doubled" not in faults, "a repeated try was stored twice"
