"""What the logs of all clients must say together."""

from collections import Counter


def check(database, record, readers):
    """The faults found, by kind; nothing if all is well.

    lost: acknowledged and not stored · phantom: received and not stored · doubled: stored or received
    twice · reordered: received in another order than the database's · skipped: stored and not
    received · leaked: received of a chat of others · stale: a history without what was acknowledged
    before · reset: a reader was told to start anew · unread: a count that is no recount's.
    """
    rows = database.query(
        "SELECT message_id, chat_id, sender_type, sender_id, message FROM tbl_chat_messages"
        " ORDER BY message_id")
    stored = {}
    for row in rows:
        stored.setdefault(row["chat_id"], []).append(row)
    faults = {
        "lost": _lost(record, rows), "doubled": _doubled(rows), "stale": list(record.stale),
        "phantom": [], "reordered": [], "skipped": [], "leaked": [], "reset": [], "unread": [],
    }
    ids = {row["message_id"] for row in rows}
    for reader in readers:
        _check_reader(reader, stored, ids, faults)
        _check_unread(database, reader, stored, faults)
    return {kind: found for kind, found in faults.items() if found}


def _lost(record, rows):
    known = {(row["chat_id"], row["message"], row["message_id"]) for row in rows}
    return [each for each in record.acknowledged if each not in known]


def _doubled(rows):
    return [text for text, count in Counter(row["message"] for row in rows).items() if count > 1]


def _check_reader(reader, stored, ids, faults):
    by_chat = {}
    for chat_id, message_id, _ in reader.got:
        by_chat.setdefault(chat_id, []).append(message_id)
    for chat_id, got in by_chat.items():
        if chat_id not in reader.chats:
            faults["leaked"].append((reader.name, chat_id))
        faults["phantom"] += [(reader.name, each) for each in got if each not in ids]
        faults["doubled"] += [(reader.name, each) for each, n in Counter(got).items() if n > 1]
        if got != sorted(got):
            faults["reordered"].append((reader.name, chat_id))
    for chat_id in reader.chats:
        got = set(by_chat.get(chat_id, []))
        faults["skipped"] += [(reader.name, chat_id, row["message_id"])
                              for row in stored.get(chat_id, []) if row["message_id"] not in got]
    if reader.resets:
        faults["reset"].append((reader.name, reader.resets))


def _check_unread(database, reader, stored, faults):
    if reader.client is None:
        return
    role, number = reader.client.role, reader.client.id
    told = reader.client.good(reader.client.get("chat/updates"))["unread"]["chats"]
    for chat_id in reader.chats:
        marks = database.query(
            "SELECT last_read_message_id AS id FROM tbl_chat_read_marks WHERE chat_id = %s"
            " AND reader_type = %s AND reader_id = %s", chat_id, role, number)
        mark = marks[0]["id"] if marks else 0
        # Only the newest hundred messages are looked at.
        counted = sum(
            1 for row in stored.get(chat_id, [])[-100:]
            if row["message_id"] > mark
            and not (row["sender_type"] == role and row["sender_id"] == number))
        if told.get(str(chat_id), 0) != counted:
            faults["unread"].append((reader.name, chat_id, told.get(str(chat_id), 0), counted))
