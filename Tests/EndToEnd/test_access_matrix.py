"""Every endpoint, for everybody, on own and on foreign chats: as the policy says.

The expectations are derived from one small table; nothing is picked by hand.
"""

import itertools

import pytest

# Who may: a status for those who may see the chat, by role; everybody else gets 404.
CUSTOMER, GUEST, WORKER, ADMIN = "customer", "guest", "worker", "admin"
ANY = {CUSTOMER: 200, GUEST: 200, WORKER: 200, ADMIN: 200}
STAFF = {CUSTOMER: 403, GUEST: 403, WORKER: 200, ADMIN: 200}
CHAT_ENDPOINTS = {
    ("GET", "messages"): ANY,
    ("GET", "unread_count"): ANY,
    ("POST", "send_message"): ANY,
    ("POST", "mark_read"): ANY,
    ("POST", "pending"): STAFF,
    ("POST", "escalate"): STAFF,
    ("POST", "close"): STAFF,
    ("POST", "reopen"): STAFF,
}
OTHER_ENDPOINTS = {
    ("GET", "list"): ANY,
    ("GET", "unread_count"): ANY,
    ("GET", "people"): ANY,
    ("GET", "profile"): ANY,
    ("GET", "notifications"): ANY,
    ("POST", "notifications/read"): ANY,
    ("GET", "preferences"): ANY,
    ("POST", "preferences"): ANY,
    ("GET", "get_technicians"): {CUSTOMER: 403, GUEST: 403, WORKER: 403, ADMIN: 200},
}
# The state a chat must be in for a change to be possible.
STATE_BEFORE = {"pending": "open", "escalate": "open", "close": "open", "reopen": "closed"}
ROLES = ["none", "customer", "other customer", "guest", "other guest", "assigned worker",
         "other worker", "admin"]
CHATS = ["customer's chat", "guest's chat", "unassigned chat", "staff chat", "no chat"]
SEES = {
    "customer's chat": {"customer", "assigned worker", "admin"},
    "guest's chat": {"guest", "assigned worker", "admin"},
    "unassigned chat": {"other customer", "admin"},
    "staff chat": {"assigned worker", "admin"},
    "no chat": set(),
}


@pytest.fixture(scope="module")
def world(nginx, database):
    from conftest import People
    from harness.clients import Client

    people = People(database, lambda base="": Client(nginx.address, base))
    who = {
        "none": people.browser(), "customer": people.customer(),
        "other customer": people.customer(), "guest": people.guest(),
        "other guest": people.guest(), "assigned worker": people.worker(),
        "other worker": people.worker(), "admin": people.admin()}
    worker_id = who["assigned worker"].id
    chats = {
        "customer's chat": who["customer"].start(), "guest's chat": who["guest"].chat_id,
        "unassigned chat": who["other customer"].start(),
        "staff chat": who["admin"].start(worker_id=worker_id), "no chat": 2147483000}
    for name in ("customer's chat", "guest's chat"):
        who["admin"].good(who["admin"].post(
            "chat/assign_worker", chat_id=chats[name], worker_id=worker_id))
    return who, chats


def kind(role):
    return role.split()[-1]


def call(client, method, endpoint, chat_id=None):
    fields = {} if chat_id is None else {"chat_id": chat_id}
    if endpoint == "send_message":
        fields["message"] = "matrix"
    if endpoint == "assign_worker":
        fields["worker_id"] = None
    return client.get(f"chat/{endpoint}", **fields) if method == "GET" else client.post(
        f"chat/{endpoint}", **fields)


@pytest.mark.parametrize("role,chat", itertools.product(ROLES, CHATS))
def test_chats(world, database, role, chat):
    who, chats = world
    for (method, endpoint), allowed in CHAT_ENDPOINTS.items():
        if role == "none":
            expected = 401
        elif role in SEES[chat]:
            expected = allowed[kind(role)]
        else:
            expected = 404
        database.query("UPDATE tbl_chats SET status = %s WHERE chat_id = %s",
                       STATE_BEFORE.get(endpoint, "open"), chats[chat])
        before = database.query(
            "SELECT status, (SELECT COUNT(*) FROM tbl_chat_messages m WHERE m.chat_id = c.chat_id)"
            " AS messages FROM tbl_chats c WHERE chat_id = %s", chats[chat])
        status, body = call(who[role], method, endpoint, chats[chat])
        assert status == expected, (endpoint, body)
        if status == 404:
            assert body["error"] == "There is no such chat."
        if status != 200:
            assert before == database.query(
                "SELECT status, (SELECT COUNT(*) FROM tbl_chat_messages m"
                " WHERE m.chat_id = c.chat_id) AS messages FROM tbl_chats c WHERE chat_id = %s",
                chats[chat]), endpoint


@pytest.mark.parametrize("role", ROLES)
def test_what_is_for_admins(world, role):
    """These ask for the role before they look at the chat."""
    who, chats = world
    assigning = {"unassigned chat": 200, "staff chat": 409, "no chat": 404}
    looking = {**dict.fromkeys(CHATS, 200), "no chat": 404}
    for method, endpoint, expected in (("POST", "assign_worker", assigning),
                                       ("GET", "deliveries", looking)):
        if role != "admin":
            expected = dict.fromkeys(CHATS, 401 if role == "none" else 403)
        for chat, status in expected.items():
            assert call(who[role], method, endpoint, chats[chat])[0] == status, (endpoint, chat)


@pytest.mark.parametrize("role", ROLES)
def test_everything_else(world, role):
    who, chats = world
    for (method, endpoint), allowed in OTHER_ENDPOINTS.items():
        expected = 401 if role == "none" else allowed[kind(role)]
        status, body = call(who[role], method, endpoint)
        assert status == expected, endpoint
        if endpoint == "list" and status == 200 and role != "admin":
            mine = {chat["chat_id"] for chat in body["chats"]}
            assert mine & set(chats.values()) == {
                chats[chat] for chat in CHATS if role in SEES[chat]}
