import Chat

/// A stored message and whether it had been stored before.
public struct SentMessage: Sendable {
  /// The message.
  public let message: Message
  /// True if an earlier request with the same identifier had stored it.
  public let isDuplicate: Bool
}

/// Which part of a chat's history is asked for.
public struct HistoryRange: Sendable {
  /// At most so many messages.
  public let limit: Int
  /// Only older ones than this.
  public let beforeID: Int64?
  /// Only newer ones than this.
  public let afterID: Int64?

  /// Describes a part of a history: the newest messages before `beforeID`, or the oldest after
  /// `afterID`.
  public init(limit: Int, beforeID: Int64? = nil, afterID: Int64? = nil) {
    self.limit = limit
    self.beforeID = beforeID
    self.afterID = afterID
  }
}

/// A part of a chat's history, oldest first.
public struct History: Sendable {
  /// The messages.
  public let messages: [Message]
  /// True if the chat has more in the direction that was asked for.
  public let hasMore: Bool
}

extension Store {
  /// Stores a message, once for each `clientMessageID` of its sender in a chat.
  ///
  /// - Throws: `Failure` if the chat is closed or not the sender's, ``DatabaseError``.
  public func send(
    chatID: Int64, sender: PersonID, text: String, clientMessageID: ClientMessageID?
  ) throws -> SentMessage {
    do {
      return try sendOnce(chatID, sender, text, clientMessageID)
    } catch let error as DatabaseError where error.kind == .outcomeUnknown {
      // The commit may have happened: only the identifier can tell (and make a second try safe).
      guard clientMessageID != nil else { throw error }
      return try sendOnce(chatID, sender, text, clientMessageID)
    }
  }

  private func sendOnce(
    _ chatID: Int64, _ sender: PersonID, _ text: String, _ clientMessageID: ClientMessageID?
  ) throws -> SentMessage {
    try database.transaction { session in
      // With the database's own time: the stored row need not be read again.
      let (chat, now) = try lockedChat(chatID, for: sender, session)
      let id: Int64
      do {
        try Policy.requireWritable(chat)
        id = try insertMessage(
          chatID: chatID, sender: sender, text: text, clientMessageID: clientMessageID,
          createdAt: now, session)
      } catch {
        // A retry finds what it stored before, also in a chat that was closed since.
        guard let clientMessageID, Self.mayBeRetry(error),
          let earlier = try message(chatID, sender, clientMessageID, session)
        else { throw error }
        return SentMessage(message: earlier, isDuplicate: true)
      }
      if sender.role == .admin, chat.adminID == nil {
        try session.execute(
          "UPDATE tbl_chats SET admin_id = \(sender.number) WHERE chat_id = \(chatID)")
      }
      let message = Message(
        id: id, chatID: chatID, senderRole: sender.role, senderID: sender.number,
        sender: try author(sender.role, sender.number, session), text: text, isRead: false,
        createdAt: now, clientMessageID: clientMessageID)
      return SentMessage(message: message, isDuplicate: false)
    }
  }

  /// Whether the message may have been stored by an earlier request: its key is taken, or the
  /// chat is closed.
  private static func mayBeRetry(_ error: any Error) -> Bool {
    if let error = error as? DatabaseError { return error.kind == .duplicateKey }
    return (error as? Failure)?.code == .conflict
  }

  func insertMessage(
    chatID: Int64, sender: PersonID, text: String, clientMessageID: ClientMessageID?,
    createdAt: String, _ session: borrowing DatabaseSession
  ) throws -> Int64 {
    let result = try session.execute(
      """
      INSERT INTO tbl_chat_messages
        (chat_id, sender_type, sender_id, message, client_message_id, created_at)
      VALUES (\(chatID), \(sender.role.rawValue), \(sender.number), \(text),
        \(clientMessageID?.bytes), \(createdAt))
      """)
    return Int64(result.lastInsertID)
  }

  /// A part of the history of a chat the person may see; `nil` if they may not.
  public func history(
    _ chatID: Int64, for person: PersonID, _ range: HistoryRange
  ) throws -> History? {
    try database.read { session in
      var condition: SQL =
        "c.chat_id = \(chatID) AND m.chat_id = \(chatID) AND \(Self.access(person))"
      if let beforeID = range.beforeID { condition += " AND m.message_id < \(beforeID)" }
      if let afterID = range.afterID { condition += " AND m.message_id > \(afterID)" }
      let isForward = range.afterID != nil
      let order: SQL = isForward ? "ASC" : "DESC"
      var rows = try session.query(
        """
        SELECT \(Self.messageColumns) FROM tbl_chats c
        JOIN tbl_chat_messages m FORCE INDEX (messages_of_chat) ON m.chat_id = c.chat_id
        WHERE \(condition) ORDER BY m.message_id \(order) LIMIT \(range.limit + 1)
        """
      ) { row in try Self.row(row) }
      if rows.isEmpty, try !isVisible(chatID, for: person, session) { return nil }
      let hasMore = rows.count > range.limit
      if hasMore { rows.removeLast() }
      if !isForward { rows.reverse() }
      // After the rows: looking up a name is a statement of its own.
      var authors: [PersonID: SenderProfile] = [:]
      let messages = try rows.map { row in
        let id = PersonID(row.senderRole, row.senderID ?? 0)
        let author = try authors[id] ?? author(row.senderRole, row.senderID, session)
        authors[id] = author
        return row.message(author)
      }
      return History(messages: messages, hasMore: hasMore)
    }
  }

  private func isVisible(
    _ chatID: Int64, for person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> Bool {
    try session.first(
      "SELECT c.chat_id FROM tbl_chats c WHERE c.chat_id = \(chatID) AND \(Self.access(person))"
    ) { row in try row.integer(0) } != nil
  }

  private func message(
    _ chatID: Int64, _ sender: PersonID, _ clientMessageID: ClientMessageID,
    _ session: borrowing DatabaseSession
  ) throws -> Message? {
    let row = try session.first(
      """
      SELECT \(Self.messageColumns) FROM tbl_chat_messages m
      WHERE m.chat_id = \(chatID) AND m.sender_type = \(sender.role.rawValue)
        AND m.sender_id = \(sender.number) AND m.client_message_id = \(clientMessageID.bytes)
      """
    ) { row in try Self.row(row) }
    return try row.map { row in
      row.message(try author(row.senderRole, row.senderID, session))
    }
  }

  /// The columns in the order ``row(_:)`` reads them.
  static let messageColumns: SQL = """
    m.message_id, m.chat_id, m.sender_type, m.sender_id, m.message, m.is_read, m.created_at,
    m.client_message_id
    """

  static func row(_ row: borrowing Row) throws -> MessageRow {
    MessageRow(
      id: try row.integer(0), chatID: try row.integer(1), senderRole: try row.role(2) ?? .guest,
      senderID: try row.optionalInteger(3), text: try row.string(4),
      isRead: (try row.optionalInteger(5) ?? 0) != 0, createdAt: try row.string(6),
      clientMessageID: try row.optionalBytes(7).flatMap { ClientMessageID(bytes: $0) })
  }
}

/// A row of `tbl_chat_messages`; its author's name stands in another table.
struct MessageRow {
  let id: Int64
  let chatID: Int64
  let senderRole: Role
  let senderID: Int64?
  let text: String
  let isRead: Bool
  let createdAt: String
  let clientMessageID: ClientMessageID?

  func message(_ author: SenderProfile) -> Message {
    Message(
      id: id, chatID: chatID, senderRole: senderRole, senderID: senderID, sender: author,
      text: text, isRead: isRead, createdAt: createdAt, clientMessageID: clientMessageID)
  }
}
