"""Polls that wait: what ten thousand of them cost, and how soon a message reaches one."""

import os
import pathlib
import random
import re
import resource
import selectors
import socket
import statistics
import time

import requests

MESSAGES = 200
SESSION = requests.Session()
PATH = "api/chat/updates?wait=30&cursor="


class Client:
    """A customer whose browser holds one poll."""

    def __init__(self, stage, number, selector):
        self.stage, self.number, self.selector = stage, number, selector
        self.cookie = f"PHPSESSID={'w' * 20}{number:06d}"
        self.socket = None
        self.received = b""

    def park(self, prefix, cursor):
        self.socket = socket.create_connection(("127.0.0.1", self.stage.port))
        self.socket.sendall(
            f"GET {prefix}{PATH}{cursor} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n"
            "Connection: close\r\n\r\n".encode())
        self.socket.setblocking(False)
        self.received = b""
        self.selector.register(self.socket, selectors.EVENT_READ, self)

    def read(self):
        """True once the answer is there."""
        part = self.socket.recv(65536)
        self.received += part
        if part:
            return False
        self.selector.unregister(self.socket)
        self.socket.close()
        self.socket = None
        assert b" 200 " in self.received.split(b"\r\n")[0], self.received[:200]
        return True


def print_waiting(stage, count):
    """Prints memory, load and delivery times of one process with so many polls that wait."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # The program and this have one descriptor each for a poll, each of nginx's two workers two for half
    # of them.
    count = min(count, hard - 1000)
    _make_people(stage, count)
    selector = selectors.DefaultSelector()
    clients = [Client(stage, number, selector) for number in range(1, count + 1)]
    stage.start_program("second", "nati")
    program = stage.ours.process.pid
    before = _memory(program)
    # As a page does: it loads, then it waits.
    cursors = [_cursor(stage, client) for client in clients]
    begun = time.monotonic()
    for client, cursor in zip(clients, cursors):
        client.park("/ours/", cursor)
    parked = time.monotonic() - begun
    _settle(selector, clients, "/ours/", stage)
    per_poll = (_memory(program) - before) / count
    used, seconds = _processor_time(program), 10
    answered = _wait(selector, seconds)
    load = (_processor_time(program) - used) / seconds
    here = _deliver(stage, selector, clients, "/ours/", "/ours/")
    there = _deliver(stage, selector, clients[:50], "/ours/", "/second/")
    print(f"\n{count:,} polls that wait in one process, begun within {parked:.1f} s:"
          f" {per_poll:.1f} KB each (wanted: under 20); {load * 100:.1f} % of a core while nothing"
          f" happens (wanted: under 5; {answered} were answered meanwhile)")
    print(f"A message reaches the poll of its participant: median {here[0]:.0f} ms, 99 % within"
          f" {here[1]:.0f} ms (wanted: 100); on another process: median {there[0]:.0f} ms, 99 %"
          f" within {there[1]:.0f} ms (wanted: 400)")
    for client in clients:
        if client.socket:
            client.socket.close()


def _make_people(stage, count):
    query = stage.database.query
    query("INSERT INTO tbl_user (id, name, email, phonenum, password)"
          f" SELECT 100000 + seq, 'Waiting', CONCAT('w', seq, '@example.com'), '', ''"
          f" FROM seq_1_to_{count}")
    query(f"INSERT INTO tbl_chats (user_id) SELECT 100000 + seq FROM seq_1_to_{count}")
    rows = query("SELECT MIN(chat_id) AS first FROM tbl_chats WHERE user_id > 100000")
    stage.first_waiting_chat = rows[0]["first"]
    for number in range(1, count + 1):
        identifier = 100000 + number
        (stage.folder / "sessions" / f"sess_{'w' * 20}{number:06d}").write_text(
            f'user_id|s:6:"{identifier}";id|s:6:"{identifier}";name|s:7:"Waiting";')


def _cursor(stage, client, prefix="/ours/"):
    answer = SESSION.get(f"{stage.address}{prefix}api/chat/updates", timeout=30,
                         headers={"Cookie": client.cookie})
    assert answer.status_code == 200, answer.text
    return answer.json()["cursor"]


def _settle(selector, clients, prefix, stage):
    """Those that were answered (by what happened before) wait again, until none is."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 2:
        for key, _ in selector.select(0.2):
            if key.data.read():
                key.data.park(prefix, _cursor(stage, key.data, prefix))
                quiet_since = time.monotonic()
    assert all(client.socket for client in clients)


def _wait(selector, seconds):
    answered, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(0.1):
            answered += key.data.read()
    return answered


def _deliver(stage, selector, clients, writer, reader):
    """Milliseconds from the begin of a send to its arrival at the poll that waits: median, 99 %."""
    session = requests.Session()
    delays = []
    rng = random.Random(5)
    for _ in range(MESSAGES):
        client = rng.choice(clients)
        if reader != writer or client.socket is None:
            if client.socket:
                selector.unregister(client.socket)
                client.socket.close()
            client.park(reader, _cursor(stage, client, reader))
            _wait(selector, 0.02)
        begun = time.monotonic()
        answer = session.post(
            f"{stage.address}{writer}api/chat/send_message", timeout=10,
            headers={"Cookie": stage.cookies["admin"]},
            json={"chat_id": stage.first_waiting_chat + client.number - 1, "message": "hello"})
        assert answer.status_code == 200, answer.text
        while client.socket and time.monotonic() - begun < 5:
            for key, _ in selector.select(0.5):
                if not key.data.read():
                    continue
                if key.data is client:
                    assert b'"hello"' in client.received, client.received
                    delays.append((time.monotonic() - begun) * 1000)
                else:  # its time was up: it waits again, as a page does
                    key.data.park("/ours/", _cursor(stage, key.data, "/ours/"))
        assert client.socket is None, "the message did not come"
    return statistics.median(delays), sorted(delays)[int(len(delays) * 0.99) - 1]


def _memory(process):
    """Resident memory in KB."""
    text = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


def _processor_time(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
