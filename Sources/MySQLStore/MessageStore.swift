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
      let chat = try lockedChat(chatID, for: sender, session)
      if let clientMessageID,
        let earlier = try message(chatID, sender, clientMessageID, session)
      {
        return SentMessage(message: earlier, isDuplicate: true)
      }
      try Policy.requireWritable(chat)
      let id = try insertMessage(
        chatID: chatID, sender: sender, text: text, clientMessageID: clientMessageID, session)
      if sender.role == .admin, chat.adminID == nil {
        try session.execute(
          "UPDATE tbl_chats SET admin_id = \(sender.number) WHERE chat_id = \(chatID)")
      }
      guard let stored = try message(id, session) else {
        throw Failure(.conflict, "The message was removed at once.")
      }
      return SentMessage(message: stored, isDuplicate: false)
    }
  }

  func insertMessage(
    chatID: Int64, sender: PersonID, text: String, clientMessageID: ClientMessageID?,
    _ session: borrowing DatabaseSession
  ) throws -> Int64 {
    let result = try session.execute(
      """
      INSERT INTO tbl_chat_messages (chat_id, sender_type, sender_id, message, client_message_id)
      VALUES (\(chatID), \(sender.role.rawValue), \(sender.number), \(text),
        \(clientMessageID?.bytes))
      """)
    return Int64(result.lastInsertID)
  }

  /// A part of the history of a chat the person may see; `nil` if they may not.
  public func history(
    _ chatID: Int64, for person: PersonID, _ range: HistoryRange
  ) throws -> History? {
    try database.read { session in
      var condition: SQL = "m.chat_id = \(chatID) AND \(Self.access(person))"
      if let beforeID = range.beforeID { condition += " AND m.message_id < \(beforeID)" }
      if let afterID = range.afterID { condition += " AND m.message_id > \(afterID)" }
      let isForward = range.afterID != nil
      let order: SQL = isForward ? "ASC" : "DESC"
      var messages = try session.query(
        """
        SELECT \(messageColumns) FROM tbl_chat_messages m
        JOIN tbl_chats c ON c.chat_id = m.chat_id \(senderJoins)
        WHERE \(condition) ORDER BY m.message_id \(order) LIMIT \(range.limit + 1)
        """
      ) { row in try message(row) }
      if messages.isEmpty, try !isVisible(chatID, for: person, session) { return nil }
      let hasMore = messages.count > range.limit
      if hasMore { messages.removeLast() }
      if !isForward { messages.reverse() }
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
    _ id: Int64, _ session: borrowing DatabaseSession
  ) throws -> Message? {
    try session.first(
      "SELECT \(messageColumns) FROM tbl_chat_messages m \(senderJoins) WHERE m.message_id = \(id)"
    ) { row in try message(row) }
  }

  private func message(
    _ chatID: Int64, _ sender: PersonID, _ clientMessageID: ClientMessageID,
    _ session: borrowing DatabaseSession
  ) throws -> Message? {
    try session.first(
      """
      SELECT \(messageColumns) FROM tbl_chat_messages m \(senderJoins)
      WHERE m.chat_id = \(chatID) AND m.sender_type = \(sender.role.rawValue)
        AND m.sender_id = \(sender.number) AND m.client_message_id = \(clientMessageID.bytes)
      """
    ) { row in try message(row) }
  }

  // The author's name, role and picture come from the one table that the sender's role names.
  private var messageColumns: SQL {
    """
    m.message_id, m.chat_id, m.sender_type, m.sender_id, m.message, m.is_read, m.created_at,
    m.client_message_id, COALESCE(u.name, g.name, w.full_name, a.full_name),
    COALESCE(w.position, a.position), COALESCE(u.new_img_name, w.image_url, \(site.adminImageColumn))
    """
  }

  private var senderJoins: SQL {
    """
    LEFT JOIN tbl_user u ON m.sender_type = 'user' AND u.id = m.sender_id
    LEFT JOIN tbl_guest_sessions g ON m.sender_type = 'guest' AND g.guest_id = m.sender_id
    LEFT JOIN tbl_worker w ON m.sender_type = 'worker' AND w.id = m.sender_id
    LEFT JOIN tbl_admin a ON m.sender_type = 'admin' AND a.id = m.sender_id
    """
  }

  private func message(_ row: borrowing Row) throws -> Message {
    let role = try row.role(2) ?? .guest
    let senderID = try row.optionalInteger(3)
    let sender = person(
      PersonID(role, senderID ?? 0), name: try row.optionalString(8),
      title: try row.optionalString(9), image: try row.optionalString(10))
    return Message(
      id: try row.integer(0), chatID: try row.integer(1), senderRole: role, senderID: senderID,
      sender: SenderProfile(name: sender.name, title: sender.title, avatar: sender.avatar),
      text: try row.string(4), isRead: (try row.optionalInteger(5) ?? 0) != 0,
      createdAt: try row.string(6),
      clientMessageID: try row.optionalBytes(7).flatMap { ClientMessageID(bytes: $0) })
  }
}
