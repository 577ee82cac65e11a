"""The parts every test uses: one MariaDB, PHP, two processes of the program behind one nginx."""

import pathlib
import shutil
import subprocess
import tempfile
import uuid

import pytest

from harness import program
from harness.clients import Client
from harness.mariadb import ROOT, MariaDB
from harness.program import Program
from harness.web import PHP, Nginx

PASSWORD = "correct horse"


def pytest_addoption(parser):
    parser.addoption("--soak-minutes", type=float, default=0,
                     help="how long the history checker runs; 0 for its short version")
    parser.addoption("--write-queries", action="store_true", help="write docs/queries.md anew")


@pytest.fixture(scope="session")
def mariadb():
    server = MariaDB()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="nati-e2e-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def php(folder):
    server = PHP(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database(mariadb):
    """The main database: the site's tables, our migrations, and the program's own account."""
    mariadb.make_database("nati", "sql/demo/site_tables.sql")
    done = program.run(["migrate"], program.environment(mariadb))
    assert done.returncode == 0, done.stderr
    mariadb.run_file(ROOT / "sql/demo/people.sql")
    mariadb.query("CREATE USER nati_chat@localhost IDENTIFIED BY 'secret'")
    mariadb.run_file(ROOT / "sql/grants.sql")
    return mariadb


@pytest.fixture(scope="session")
def programs(database, folder, php):
    """Two processes with the least privileges, as a careful deployer runs them."""
    env = program.environment(
        database, DB_USER="nati_chat", DB_PASSWORD="secret", PHP_SESSIONS=php.sessions)
    both = [Program(folder, name, env) for name in ("one", "two")]
    yield both
    for each in both:
        assert each.stop() == 0


@pytest.fixture(scope="session")
def nginx(folder, programs, php):
    # One of them: what another process writes is seen within 300 ms, which has tests of its own.
    server = Nginx(folder, [programs[0].socket], php)
    yield server
    server.stop()


@pytest.fixture
def browser(nginx):
    """Makes new browsers, nobody logged in."""
    return lambda base="": Client(nginx.address, base)


class People:
    """Makes people: every test has its own."""

    def __init__(self, database, browser):
        self.database = database
        self.browser = browser

    def customer(self, name="Abel Test"):
        client = self.browser()
        email = f"{uuid.uuid4().hex}@example.com"
        client.good(client.post("auth/signup", name=name, email=email, password=PASSWORD))
        client.email = email
        return client.login(email, PASSWORD)

    def guest(self, **fields):
        client = self.browser()
        body = client.good(client.post("chat/start", **fields))
        client.id, client.chat_id = body["guest_id"], body["chat_id"]
        return client

    def admin(self):
        return self.browser().login("nati", "demo-admin")

    def worker(self, name="Dawit Test"):
        admin = self.admin()
        username = f"worker-{uuid.uuid4().hex[:12]}"
        admin.good(admin.post("auth/staff", type="worker", full_name=name, username=username,
                              password=PASSWORD))
        return self.browser().login(username, PASSWORD)


@pytest.fixture
def people(database, browser):
    return People(database, browser)


def pytest_sessionfinish(session, exitstatus):
    children = subprocess.run(
        ["ps", "--ppid", str(__import__("os").getpid()), "-o", "args="],
        capture_output=True, text=True).stdout
    left = [line for line in children.splitlines() if not line.startswith("ps ")]
    if left:
        # Not an assertion: that would take the place of the tests' own report.
        print(f"\nleft running: {left}")
        session.exitstatus = 1
