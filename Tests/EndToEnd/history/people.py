"""Those who chat: each logs what it did and what it got."""

import random
import threading
import time
import uuid

import requests

# What a client must expect while processes are killed, and answers with another try.
TRANSIENT = (429, 500, 502, 503, 504)


class Record:
    """What all of them did, for the check."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = []  # (chat_id, text, message_id)
        self.unknown = []  # (chat_id, text): the answer never came
        self.stale = []
        self.retries = 0

    def acknowledge(self, chat_id, text, message_id):
        with self.lock:
            self.acknowledged.append((chat_id, text, message_id))


class HTTPWriter:
    """Sends with pauses, repeated tries and dropped connections, over HTTP."""

    def __init__(self, client, chats, record, rng):
        self.client, self.chats, self.record, self.rng = client, chats, record, rng

    def run(self, stop):
        while not stop.is_set():
            self.send(self.rng.choice(self.chats), stop)
            time.sleep(self.rng.expovariate(1 / 0.02))

    def send(self, chat_id, stop):
        key = str(uuid.uuid4())
        text = f"text {key}"
        if self.rng.random() < 0.1:
            # The connection breaks before the answer is read; what follows is a retry.
            self._post(chat_id, text, key, timeout=0.002)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = self._post(chat_id, text, key)
            if answer is not None:
                self.record.acknowledge(chat_id, text, answer)
                if self.rng.random() < 0.1 and self._post(chat_id, text, key) not in (answer, None):
                    raise AssertionError("a repeated try was answered with another message")
                return
            with self.record.lock:
                self.record.retries += 1
            time.sleep(self.rng.uniform(0.01, 0.2))
        with self.record.lock:
            self.record.unknown.append((chat_id, text))

    def _post(self, chat_id, text, key, timeout=10):
        """The message's id; None if nobody knows whether it was stored."""
        try:
            response = self.client.http.post(
                f"{self.client.address}/api/chat/send_message", timeout=timeout,
                json={"chat_id": chat_id, "message": text, "client_message_id": key})
        except requests.RequestException:
            return None
        if response.status_code in TRANSIENT:
            return None
        assert response.status_code == 200, response.text
        return response.json()["message_id"]


class SQLWriter:
    """Inserts as the old PHP and a DBA do: plain SQL, some in transactions that take a while."""

    def __init__(self, database, chats, record, rng):
        self.database, self.chats, self.record, self.rng = database, chats, record, rng

    def run(self, stop):
        while not stop.is_set():
            try:
                self.send()
            except Exception:  # the server is away: nobody knows what was stored
                time.sleep(0.1)
            time.sleep(self.rng.expovariate(1 / 0.05))

    def send(self):
        (chat_id, sender_type, sender_id) = self.rng.choice(self.chats)
        text = f"sql {uuid.uuid4()}"
        connection = self.database.connect()
        try:
            connection.begin()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message)"
                    " VALUES (%s, %s, %s, %s)", (chat_id, sender_type, sender_id, text))
                message_id = cursor.lastrowid
            if self.rng.random() < 0.5:
                time.sleep(self.rng.uniform(0, 0.3))
            if self.rng.random() < 0.2:
                connection.rollback()
                return
            with self.record.lock:
                self.record.unknown.append((chat_id, text))
            self.finish(connection, chat_id, text, message_id)
        finally:
            connection.close()

    def finish(self, connection, chat_id, text, message_id):
        connection.commit()
        self.record.acknowledge(chat_id, text, message_id)


class Reader:
    """Follows the updates with polls that wait and polls that do not; reads and marks at random."""

    def __init__(self, name, client, chats, record, rng):
        self.name, self.client, self.chats, self.record, self.rng = name, client, chats, record, rng
        self.got = []  # (chat_id, message_id, text) in the order of arrival
        self.resets = 0
        self.cursor = client.good(client.get("chat/updates"))["cursor"]

    def run(self, stop):
        while not stop.is_set():
            self.poll(self.rng.choice([0, 0, 1, 3]))
            if self.rng.random() < 0.1:
                self.read(self.rng.choice(self.chats))
            time.sleep(self.rng.expovariate(1 / 0.03))

    def poll(self, wait):
        """Whether anything came; None if there was no answer."""
        timeout = 0.05 if self.rng.random() < 0.03 else 15  # some connections break
        body = self._get("updates", timeout, cursor=self.cursor, wait=wait)
        if body is None:
            return None
        self.cursor = body["cursor"]
        self.resets += body["reset"]
        for event in body["events"]:
            if event["type"] == "message":
                message = event["message"]
                self.got.append((message["chat_id"], message["message_id"], message["text"]))
        return bool(body["events"])

    def read(self, chat_id):
        """Loads the history: what was acknowledged a second ago has to be in it."""
        limit = time.monotonic()
        with self.record.lock:
            known = [mid for cid, _, mid in self.record.acknowledged if cid == chat_id]
        time.sleep(0.35)  # another process is at most 300 ms behind
        body = self._get("messages", 10, chat_id=chat_id, limit=500)
        if body is None:
            return
        shown = {message["message_id"] for message in body["messages"]}
        oldest = min(shown, default=0)
        missing = [mid for mid in known if mid >= oldest and mid not in shown]
        if missing:
            with self.record.lock:
                self.record.stale.append((self.name, chat_id, missing, limit))
        if shown and self.rng.random() < 0.5:
            self._mark(chat_id, self.rng.choice(sorted(shown)))

    def _mark(self, chat_id, message_id):
        try:
            self.client.http.post(f"{self.client.address}/api/chat/mark_read", timeout=10,
                                  json={"chat_id": chat_id, "message_id": message_id})
        except requests.RequestException:
            pass  # a mark that was not taken is a mark that does not stand in the database

    def _get(self, path, timeout, **parameters):
        try:
            response = self.client.http.get(f"{self.client.address}/api/chat/{path}",
                                            params=parameters, timeout=timeout)
        except requests.RequestException:
            return None
        if response.status_code in TRANSIENT:
            time.sleep(0.05)
            return None
        assert response.status_code == 200, response.text
        return response.json()


def seeded(seed, *names):
    """A random source that depends on the seed and on whose it is."""
    return random.Random("/".join(map(str, (seed, *names))))
