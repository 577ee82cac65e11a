import Chat

extension Store {
  /// The most messages that are told of in one go.
  private static let toldAtOnce = 500

  /// Chats of the last day whose newest messages nobody was told of; for whoever takes this work over.
  public func untoldChats(limit: Int) throws -> [Int64] {
    try database.read { session in
      try session.query(
        """
        SELECT c.chat_id FROM tbl_chats c FORCE INDEX (chats_by_activity)
        LEFT JOIN tbl_chat_told d ON d.chat_id = c.chat_id
        WHERE c.updated_at > CURRENT_TIMESTAMP - INTERVAL 1 DAY
          AND (SELECT MAX(m.message_id) FROM tbl_chat_messages m WHERE m.chat_id = c.chat_id)
            > COALESCE(d.message_id, 0)
        ORDER BY c.updated_at LIMIT \(limit)
        """
      ) { row in try row.integer(0) }
    }
  }

  /// Tells people of the messages of a chat that they were not told of yet.
  ///
  /// Under the chat's lock, as messages are written and read: nobody is told of what they read in the
  /// same moment, and of two processes one tells.
  ///
  /// - Returns: true if there are more.
  public func tellOfMessages(in chatID: Int64) throws -> Bool {
    try database.transaction { session in
      let chat = try session.first(
        "SELECT \(Self.chatColumns) FROM tbl_chats c WHERE c.chat_id = \(chatID) FOR UPDATE"
      ) { row in try Self.chat(row) }
      guard let chat else { return false }
      let told =
        try session.first(
          "SELECT d.message_id FROM tbl_chat_told d WHERE d.chat_id = \(chatID) FOR UPDATE"
        ) { row in try row.integer(0) } ?? 0
      let messages = try session.query(
        """
        SELECT m.message_id, m.sender_type, m.sender_id
        FROM tbl_chat_messages m FORCE INDEX (messages_of_chat)
        WHERE m.chat_id = \(chatID) AND m.message_id > \(told)
        ORDER BY m.message_id LIMIT \(Self.toldAtOnce)
        """
      ) { row in
        (
          id: try row.integer(0),
          sender: PersonID(try row.role(1) ?? .guest, try row.optionalInteger(2) ?? 0)
        )
      }
      guard let newest = messages.last else { return false }
      // With a worker assigned, and among staff, they are told nothing.
      let isForAdmins = chat.workerID == nil && !chat.isAmongStaff
      let admins = isForAdmins ? try activeAdmins(session) : []
      try record(MessageNotices(messages, in: chat, admins: admins), chatID, session)
      try session.execute(
        """
        INSERT INTO tbl_chat_told (chat_id, message_id) VALUES (\(chatID), \(newest.id))
        ON DUPLICATE KEY UPDATE message_id = VALUES(message_id)
        """)
      return messages.count == Self.toldAtOnce
    }
  }

  private func record(
    _ notices: MessageNotices, _ chatID: Int64, _ session: borrowing DatabaseSession
  ) throws {
    var marks: [PersonID: Int64] = [:]
    _ = try session.query(
      """
      SELECT r.reader_type, r.reader_id, r.last_read_message_id FROM tbl_chat_read_marks r
      WHERE r.chat_id = \(chatID)
      """
    ) { row in
      marks[PersonID(try row.role(0) ?? .guest, try row.integer(1))] = try row.integer(2)
    }
    var settled: SQL =
      notices.settlesAdmins
      ? "(recipient_type = 'admin' AND type IN ('message', 'unanswered'))" : "FALSE"
    for person in notices.settled {
      settled +=
        " OR (recipient_type = \(person.role.rawValue) AND recipient_id = \(person.number))"
    }
    try session.execute(
      """
      UPDATE tbl_chat_notifications SET unread = NULL
      WHERE chat_id = \(chatID) AND unread = 1 AND (\(settled))
      """)
    // In one order everywhere.
    for (person, notice) in notices.notices.sorted(by: { $0.key < $1.key })
    where notice.lastMessageID > marks[person] ?? 0 {
      try session.execute(
        """
        INSERT INTO tbl_chat_notifications (recipient_type, recipient_id, type, chat_id,
          first_message_id, message_id, message_count, created_at, updated_at)
        VALUES (\(person.role.rawValue), \(person.number), 'message', \(chatID),
          \(notice.firstMessageID), \(notice.lastMessageID), \(notice.count), UTC_TIMESTAMP(),
          UTC_TIMESTAMP())
        ON DUPLICATE KEY UPDATE message_id = VALUES(message_id),
          message_count = message_count + VALUES(message_count), updated_at = VALUES(updated_at)
        """)
    }
  }
}
