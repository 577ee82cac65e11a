import Chat

/// A mail whose time has come, claimed by this process.
public struct DueMail: Sendable {
  /// `mail_id`.
  public let id: Int64
  /// To whom.
  public let recipient: PersonID
  /// About which chat.
  public let chatID: Int64
  /// How often it was tried.
  public let attempts: Int
}

/// What a mail tells of.
public struct MissedMessages: Sendable {
  /// To whom.
  public let recipient: Person
  /// How the recipient wants to be told, and where.
  public let preferences: Preferences
  /// What the chat is about.
  public let subject: String?
  /// The newest of the unread messages, oldest first.
  public let messages: [Message]
  /// True if there are more than these.
  public let hasMore: Bool
}

extension Store {
  /// The most messages that a mail quotes.
  public static let mostQuoted = 20

  /// Queues a mail for everybody who has an address, is away and has not read a message in time.
  ///
  /// - Parameters:
  ///   - delay: seconds that a message may stay unread.
  ///   - pause: seconds from one mail to the next to the same person about the same chat.
  /// - Returns: how many mails were queued.
  public func queueMails(delay: Int, pause: Int) throws -> Int {
    // Found without locks, which those who write messages would wait for.
    let missed = try database.read { session in
      try session.query(
        """
        SELECT n.recipient_type, n.recipient_id, n.chat_id, MAX(n.message_id)
        FROM tbl_chat_notifications n FORCE INDEX (notifications_unread)
        LEFT JOIN tbl_user u ON n.recipient_type = 'user' AND u.id = n.recipient_id
        LEFT JOIN tbl_guest_sessions g ON n.recipient_type = 'guest'
          AND g.guest_id = n.recipient_id
        LEFT JOIN tbl_chat_preferences f ON n.recipient_type IN ('admin', 'worker')
          AND f.person_type = n.recipient_type AND f.person_id = n.recipient_id
        LEFT JOIN tbl_chat_presence p ON p.person_type = n.recipient_type
          AND p.person_id = n.recipient_id AND \(Self.isOnline)
        WHERE n.unread = 1 AND n.type IN ('message', 'unanswered')
          AND n.updated_at > UTC_TIMESTAMP() - INTERVAL 3 DAY
          AND n.created_at <= UTC_TIMESTAMP() - INTERVAL \(delay) SECOND
          AND p.person_id IS NULL AND COALESCE(u.email, g.email, f.mail_address, '') <> ''
          AND NOT EXISTS (SELECT 1 FROM tbl_chat_mails e
            WHERE e.recipient_type = n.recipient_type AND e.recipient_id = n.recipient_id
              AND e.chat_id = n.chat_id
              AND (e.queued = 1 OR e.message_id >= n.message_id
                OR (e.state <> 'dropped'
                  AND e.created_at > UTC_TIMESTAMP() - INTERVAL \(pause) SECOND)))
        GROUP BY n.recipient_type, n.recipient_id, n.chat_id LIMIT 500
        """
      ) { row in
        (
          recipient: PersonID(try row.role(0) ?? .guest, try row.integer(1)),
          chatID: try row.integer(2), messageID: try row.integer(3)
        )
      }
    }
    guard !missed.isEmpty else { return 0 }
    return try database.transaction { session in
      var queued = 0
      for mail in missed {
        // Another process may have found the same: one mail at a time is under way.
        queued += Int(
          try session.execute(
            """
            INSERT INTO tbl_chat_mails
              (recipient_type, recipient_id, chat_id, message_id, next_attempt_at, created_at)
            VALUES (\(mail.recipient.role.rawValue), \(mail.recipient.number), \(mail.chatID),
              \(mail.messageID), UTC_TIMESTAMP(), UTC_TIMESTAMP())
            ON DUPLICATE KEY UPDATE mail_id = mail_id
            """
          ).affectedRows)
      }
      return queued
    }
  }

  /// Claims a mail whose time has come: for so many seconds no other process takes it.
  ///
  /// Whoever dies with it has neither sent nor lost it for sure: it is tried once more.
  public func claimMail(seconds: Int) throws -> DueMail? {
    let due = try database.read { session in
      try session.query(
        """
        SELECT e.mail_id, e.recipient_type, e.recipient_id, e.chat_id, e.attempts
        FROM tbl_chat_mails e
        WHERE e.queued = 1 AND e.next_attempt_at <= UTC_TIMESTAMP()
          AND (e.claimed_until IS NULL OR e.claimed_until < UTC_TIMESTAMP())
        ORDER BY e.next_attempt_at, e.mail_id LIMIT 10
        """
      ) { row in
        DueMail(
          id: try row.integer(0),
          recipient: PersonID(try row.role(1) ?? .guest, try row.integer(2)),
          chatID: try row.integer(3), attempts: Int(try row.integer(4)))
      }
    }
    return try due.first { mail in
      try database.transaction { session in
        try session.execute(
          """
          UPDATE tbl_chat_mails SET claimed_by = \(owner),
            claimed_until = UTC_TIMESTAMP() + INTERVAL \(seconds) SECOND
          WHERE mail_id = \(mail.id) AND queued = 1 AND attempts = \(mail.attempts)
            AND next_attempt_at <= UTC_TIMESTAMP()
            AND (claimed_until IS NULL OR claimed_until < UTC_TIMESTAMP())
          """
        ).affectedRows == 1
      }
    }
  }

  /// How a mail ended.
  public enum MailOutcome: String, Sendable {
    /// The server took it.
    case sent
    /// It was given up.
    case failed
    /// Nobody wants it any more.
    case dropped
  }

  /// Records the end of a claimed mail.
  public func finishMail(
    _ mail: DueMail, _ outcome: MailOutcome, error: String? = nil
  ) throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_mails SET state = \(outcome.rawValue), queued = NULL, last_error = \(error),
          attempts = attempts + \(outcome == .dropped ? 0 : 1), finished_at = UTC_TIMESTAMP(),
          claimed_by = NULL, claimed_until = NULL
        WHERE mail_id = \(mail.id) AND claimed_by = \(owner)
        """)
    }
  }

  /// Puts a claimed mail back for later.
  ///
  /// - Parameter error: why the attempt failed; `nil` if there was none.
  public func postponeMail(_ mail: DueMail, seconds: Int, error: String?) throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_mails SET last_error = COALESCE(\(error), last_error),
          attempts = attempts + \(error == nil ? 0 : 1),
          next_attempt_at = UTC_TIMESTAMP() + INTERVAL \(seconds) SECOND,
          claimed_by = NULL, claimed_until = NULL
        WHERE mail_id = \(mail.id) AND claimed_by = \(owner)
        """)
    }
  }

  /// What is unread by now for a mail's recipient; `nil` if all was read, or the account is gone.
  public func missedMessages(_ mail: DueMail) throws -> MissedMessages? {
    try database.read { session in
      let id = mail.recipient
      let chat = try session.first(
        """
        SELECT \(Self.chatColumns) FROM tbl_chats c
        WHERE c.chat_id = \(mail.chatID) AND \(Self.access(id))
        """
      ) { row in try Self.chat(row) }
      let range = try session.first(
        """
        SELECT MIN(n.first_message_id), MAX(n.message_id) FROM tbl_chat_notifications n
        WHERE n.recipient_type = \(id.role.rawValue) AND n.recipient_id = \(id.number)
          AND n.unread = 1 AND n.chat_id = \(mail.chatID) AND n.type IN ('message', 'unanswered')
        """
      ) { row in (first: try row.optionalInteger(0), last: try row.optionalInteger(1)) }
      guard let chat, let first = range?.first, let last = range?.last,
        let recipient = try activePerson(id, session)
      else { return nil }
      let rows = try session.query(
        """
        SELECT \(Self.messageColumns) FROM tbl_chat_messages m
        WHERE m.chat_id = \(mail.chatID) AND m.message_id >= \(first) AND m.message_id <= \(last)
          AND \(Self.otherSide(of: chat, from: id))
          AND m.message_id > COALESCE((SELECT r.last_read_message_id FROM tbl_chat_read_marks r
            WHERE r.chat_id = \(mail.chatID) AND r.reader_type = \(id.role.rawValue)
              AND r.reader_id = \(id.number)), 0)
        ORDER BY m.message_id DESC LIMIT \(Self.mostQuoted + 1)
        """
      ) { row in try Self.row(row) }
      guard !rows.isEmpty else { return nil }
      return MissedMessages(
        recipient: recipient, preferences: try preferences(of: id, session),
        subject: chat.subject,
        messages: try rows.prefix(Self.mostQuoted).reversed().map { row in
          row.message(try author(row.senderRole, row.senderID, session))
        }, hasMore: rows.count > Self.mostQuoted)
    }
  }
}
