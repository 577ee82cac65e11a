import Chat

/// A row of the event log, as one reading of it found the row and its chat.
public struct LoggedEvent: Sendable {
  /// `event_id`.
  public let id: Int64
  /// The event; `nil` if its chat or message is gone, so that there is nothing to show.
  public let event: ChatEvent?
  /// Who takes part in the chat now; `nil` for presence.
  public let participants: Participants?
  /// The chat's state now; `nil` for presence.
  public let status: ChatStatus?
}

extension Store {
  /// The most events of one reading.
  public static let eventsAtOnce = 1_000

  /// The events above an id and those of some ids below it, by rising id, with what is needed to show
  /// them: one statement, and one for each name that is not known.
  ///
  /// - Parameter among: ids that were missing when the log was read before.
  public func events(above id: Int64, among missing: [Int64]) throws -> [LoggedEvent] {
    try database.read { session in
      var condition: SQL = "e.event_id > \(id)"
      if !missing.isEmpty {
        // One of a few lengths, so that few statements are prepared.
        let size = [4, 16, 64, 256].first { $0 >= missing.count } ?? EventTail.mostMissing
        condition += " OR e.event_id IN (\(missing[0])"
        for index in 1..<max(size, missing.count) {
          condition += ", \(index < missing.count ? missing[index] : missing[0])"
        }
        condition += ")"
      }
      let rows = try session.query(
        """
        SELECT \(Self.eventColumns) FROM tbl_chat_events e
        LEFT JOIN tbl_chats c ON c.chat_id = e.chat_id
        LEFT JOIN tbl_chat_messages m ON m.message_id = e.message_id AND e.type = 'message'
        WHERE \(condition) ORDER BY e.event_id LIMIT \(Self.eventsAtOnce)
        """
      ) { row in try EventRow(row) }
      return try logged(rows, session)
    }
  }

  /// The newest events, by rising id; what the feed starts with.
  public func newestEvents(_ count: Int) throws -> [LoggedEvent] {
    try database.read { session in
      let rows = try session.query(
        """
        SELECT \(Self.eventColumns) FROM tbl_chat_events e
        LEFT JOIN tbl_chats c ON c.chat_id = e.chat_id
        LEFT JOIN tbl_chat_messages m ON m.message_id = e.message_id AND e.type = 'message'
        ORDER BY e.event_id DESC LIMIT \(count)
        """
      ) { row in try EventRow(row) }
      return try logged(rows.reversed(), session)
    }
  }

  /// The newest ids up to one, falling: what is not among them is rolled back or still in flight.
  public func newestEventIDs(_ count: Int, upTo id: Int64) throws -> [Int64] {
    try database.read { session in
      try session.query(
        """
        SELECT e.event_id FROM tbl_chat_events e WHERE e.event_id <= \(id)
        ORDER BY e.event_id DESC LIMIT \(count)
        """
      ) { row in try row.integer(0) }
    }
  }

  /// The lowest id that the log still has.
  public func oldestEventID() throws -> Int64? {
    try database.read { session in
      try session.first("SELECT MIN(event_id) FROM tbl_chat_events") { row in
        try row.optionalInteger(0)
      }.flatMap { $0 }
    }
  }

  /// Events of chats that the person may see, above an id, from the log itself; for clients that were
  /// away for longer than memory reaches.
  ///
  /// Typing, presence and notifications of long ago are left out: the present ones are asked for.
  public func pastEvents(
    above id: Int64, upTo last: Int64, for person: PersonID, limit: Int
  ) throws -> [LoggedEvent] {
    try database.read { session in
      let source: SQL =
        person.role == .admin
        ? "tbl_chat_events e FORCE INDEX (PRIMARY) JOIN tbl_chats c ON c.chat_id = e.chat_id"
        : """
        tbl_chats c STRAIGHT_JOIN tbl_chat_events e FORCE INDEX (events_of_chat)
          ON e.chat_id = c.chat_id
        """
      let rows = try session.query(
        """
        SELECT \(Self.eventColumns) FROM \(source)
        LEFT JOIN tbl_chat_messages m ON m.message_id = e.message_id AND e.type = 'message'
        WHERE \(Self.access(person)) AND e.event_id > \(id) AND e.event_id <= \(last)
          AND e.type NOT IN ('typing', 'presence')
        ORDER BY e.event_id LIMIT \(limit)
        """
      ) { row in try EventRow(row) }
      return try logged(rows, session)
    }
  }

  /// Removes events older than so many seconds, at most a thousand; the newest thousand stay, so that
  /// the log always tells how far its ids have come.
  ///
  /// - Returns: how many were removed.
  public func pruneEvents(olderThan seconds: Int) throws -> Int {
    try database.transaction { session in
      let kept = try session.first(
        "SELECT e.event_id FROM tbl_chat_events e ORDER BY e.event_id DESC LIMIT 1 OFFSET 1000"
      ) { row in try row.integer(0) }
      guard let kept else { return 0 }
      let oldest = try session.query(
        """
        SELECT e.event_id, e.created_at < CURRENT_TIMESTAMP - INTERVAL \(seconds) SECOND
        FROM tbl_chat_events e WHERE e.event_id <= \(kept) ORDER BY e.event_id LIMIT 1000
        """
      ) { row in (id: try row.integer(0), isOld: try row.integer(1) != 0) }
      // A young one among old ones has waited for its commit: what lies above it can wait, too.
      guard let last = oldest.prefix(while: \.isOld).last else { return 0 }
      let result = try session.execute(
        "DELETE FROM tbl_chat_events WHERE event_id <= \(last.id) LIMIT 1000")
      return Int(result.affectedRows)
    }
  }

  private static let eventColumns: SQL = """
    e.event_id, e.chat_id, e.type, e.message_id, e.person_type, e.person_id, e.status, e.worker_id,
    e.previous_worker_id, e.is_online, e.created_at,
    c.chat_id, c.user_id, c.guest_id, c.admin_id, c.worker_id, c.status,
    m.message_id, m.sender_type, m.sender_id, m.message, m.is_read, m.created_at,
    m.client_message_id, e.recipient_type, e.recipient_id
    """

  /// Adds names, which stand in other tables, and those whom somebody's presence concerns.
  private func logged(
    _ rows: [EventRow], _ session: borrowing DatabaseSession
  ) throws -> [LoggedEvent] {
    var events: [LoggedEvent] = []
    events.reserveCapacity(rows.count)
    for row in rows {
      var event: ChatEvent?
      if let change = try change(row, session) {
        event = ChatEvent(
          id: row.id, chatID: row.chatID, createdAt: row.createdAt, change: change)
      }
      events.append(
        LoggedEvent(
          id: row.id, event: event, participants: row.participants, status: row.chatStatus))
    }
    return events
  }

  private func change(
    _ row: EventRow, _ session: borrowing DatabaseSession
  ) throws -> ChatEvent.Change? {
    if row.type == "presence" {
      guard let id = row.person, let person = try knownPerson(id, session) else { return nil }
      return .presence(
        person, isOnline: row.isOnline, audience: try audience(of: id, session))
    }
    guard row.participants != nil else { return nil }
    if let recipient = row.recipient { return .notification(recipient) }
    switch row.type {
    case "chat": return .started(row.status ?? .open)
    case "status": return .status(row.status ?? .open)
    case "assigned":
      let worker = try row.workerID.flatMap { number in
        try knownPerson(PersonID(.worker, number), session)
      }
      return .assigned(worker: worker, previousWorkerID: row.previousWorkerID)
    case "message":
      guard let message = row.message else { return nil }
      return .message(
        message.message(try author(message.senderRole, message.senderID, session)))
    default:
      guard let id = row.person, let person = try knownPerson(id, session) else { return nil }
      switch row.type {
      case "typing": return .typing(person)
      case "read": return .read(person, lastMessageID: row.messageID ?? 0)
      case "delivered": return .delivered(person, lastMessageID: row.messageID ?? 0)
      default: return nil
      }
    }
  }
}
