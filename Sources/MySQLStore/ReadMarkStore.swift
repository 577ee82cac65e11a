import Chat

/// How far somebody has read a chat.
public struct ReadMark: Sendable, Equatable {
  /// The newest message that counts as read.
  public let lastReadMessageID: Int64
  /// What is left.
  public let unreadCount: Int64
}

extension Store {
  /// Moves the person's read mark forward, never back, and keeps `is_read` in step.
  ///
  /// - Parameter messageID: the newest message read; `nil` for the newest there is.
  /// - Throws: `Failure` if the person may not see the chat, ``DatabaseError``.
  public func markRead(
    _ chatID: Int64, upTo messageID: Int64?, by person: PersonID
  ) throws -> ReadMark {
    try database.transaction { session in
      let (chat, _) = try lockedChat(chatID, for: person, session)
      let newest =
        try session.first(
          """
          SELECT m.message_id FROM tbl_chat_messages m WHERE m.chat_id = \(chatID)
            AND m.message_id <= \(messageID ?? Int64(Int32.max))
          ORDER BY m.message_id DESC LIMIT 1
          """
        ) { row in try row.integer(0) } ?? 0
      let earlier =
        try session.first(
          """
          SELECT r.last_read_message_id FROM tbl_chat_read_marks r WHERE r.chat_id = \(chatID)
            AND r.reader_type = \(person.role.rawValue) AND r.reader_id = \(person.number)
          """
        ) { row in try row.integer(0) } ?? 0
      if newest > earlier {
        try session.execute(
          """
          INSERT INTO tbl_chat_read_marks
            (chat_id, reader_type, reader_id, last_read_message_id, read_at)
          VALUES (\(chatID), \(person.role.rawValue), \(person.number), \(newest), UTC_TIMESTAMP())
          ON DUPLICATE KEY UPDATE last_read_message_id = VALUES(last_read_message_id),
            read_at = VALUES(read_at)
          """)
        try session.execute(
          """
          UPDATE tbl_chat_messages SET is_read = 1
          WHERE chat_id = \(chatID) AND message_id > \(earlier) AND message_id <= \(newest)
            AND is_read = 0 AND \(Self.otherSide(of: chat, from: person))
          """)
      }
      let unread = try unreadCount(chatID, for: person, session)?.count ?? 0
      return ReadMark(lastReadMessageID: max(newest, earlier), unreadCount: unread)
    }
  }

  /// The messages of the other side: staff for customers and guests, and the other way round; in a
  /// chat among staff those of the other role.
  static func otherSide(of chat: Chat, from person: PersonID) -> SQL {
    if chat.isAmongStaff { return "sender_type <> \(person.role.rawValue)" }
    return person.role.isStaff
      ? "sender_type IN ('user', 'guest')" : "sender_type IN ('admin', 'worker')"
  }
}
