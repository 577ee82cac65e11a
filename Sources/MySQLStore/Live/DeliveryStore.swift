import Chat

/// Up to which message of a chat a person's client has got everything.
public struct Delivery: Sendable {
  /// The chat.
  public let chatID: Int64
  /// Whose client.
  public let person: PersonID
  /// The newest message that was delivered.
  public let messageID: Int64

  /// Describes what was delivered.
  public init(chatID: Int64, person: PersonID, messageID: Int64) {
    self.chatID = chatID
    self.person = person
    self.messageID = messageID
  }
}

/// How far somebody has got and read a chat.
public struct ChatMark: Sendable {
  /// Who.
  public let reader: Person
  /// All up to this message is read; 0 for none.
  public let lastReadMessageID: Int64
  /// When that was: `YYYY-MM-DD HH:MM:SS`, UTC; `nil` before the first.
  public let readAt: String?
  /// All up to this message has arrived; 0 for none.
  public let lastDeliveredMessageID: Int64
  /// When that was.
  public let deliveredAt: String?
}

extension Store {
  /// Notes what was delivered, forward only: one transaction for a hundred marks.
  public func markDelivered(_ deliveries: [Delivery]) throws {
    for part in deliveries.parts(of: 100) {
      try database.transaction { session in
        // The chats first, in one order, as everybody else takes them.
        var chats: Set<Int64> = []
        for chatID in Set(part.map(\.chatID)).sorted() {
          let found = try session.first(
            "SELECT c.chat_id FROM tbl_chats c WHERE c.chat_id = \(chatID) LOCK IN SHARE MODE"
          ) { row in try row.integer(0) }
          if found != nil { chats.insert(chatID) }
        }
        for delivery in part where chats.contains(delivery.chatID) {
          try session.execute(
            """
            INSERT INTO tbl_chat_read_marks (chat_id, reader_type, reader_id, last_read_message_id,
              read_at, last_delivered_message_id, delivered_at)
            VALUES (\(delivery.chatID), \(delivery.person.role.rawValue),
              \(delivery.person.number), 0, UTC_TIMESTAMP(), \(delivery.messageID), UTC_TIMESTAMP())
            ON DUPLICATE KEY UPDATE
              delivered_at = IF(VALUES(last_delivered_message_id) > last_delivered_message_id,
                VALUES(delivered_at), delivered_at),
              last_delivered_message_id =
                GREATEST(last_delivered_message_id, VALUES(last_delivered_message_id))
            """)
        }
      }
    }
  }

  /// How far everybody in a chat has got and read it.
  public func marks(of chatID: Int64) throws -> [ChatMark] {
    try database.read { session in
      let rows = try session.query(
        """
        SELECT r.reader_type, r.reader_id, r.last_read_message_id, r.read_at,
          r.last_delivered_message_id, r.delivered_at
        FROM tbl_chat_read_marks r WHERE r.chat_id = \(chatID)
        """
      ) { row in
        (
          id: PersonID(try row.role(0) ?? .guest, try row.integer(1)), read: try row.integer(2),
          readAt: try row.string(3), delivered: try row.integer(4),
          deliveredAt: try row.optionalString(5)
        )
      }
      return try rows.compactMap { row in
        guard let reader = try knownPerson(row.id, session) else { return nil }
        return ChatMark(
          reader: reader, lastReadMessageID: row.read, readAt: row.read > 0 ? row.readAt : nil,
          lastDeliveredMessageID: max(row.delivered, row.read),
          deliveredAt: row.deliveredAt ?? (row.read > 0 ? row.readAt : nil))
      }
    }
  }
}
