import Chat

extension Store {
  /// The most notifications that are mirrored in one go.
  public static let mirroredAtOnce = 100

  /// Tells the admins of customers' messages that an absent worker has not read for so many seconds.
  ///
  /// - Returns: how many chats they were told of.
  public func escalateUnanswered(after seconds: Int) throws -> Int {
    let found = try database.read { session in
      try session.query(
        """
        SELECT n.notification_id, n.chat_id
        FROM tbl_chat_notifications n FORCE INDEX (notifications_unread)
        JOIN tbl_chats c ON c.chat_id = n.chat_id AND c.worker_id = n.recipient_id
          AND c.status <> 'closed' AND (c.user_id IS NOT NULL OR c.guest_id IS NOT NULL)
        LEFT JOIN tbl_chat_presence p ON p.person_type = 'worker' AND p.person_id = n.recipient_id
          AND \(Self.isOnline)
        WHERE n.unread = 1 AND n.type = 'message' AND n.recipient_type = 'worker'
          AND n.escalated_at IS NULL AND n.updated_at > UTC_TIMESTAMP() - INTERVAL 3 DAY
          AND n.created_at <= UTC_TIMESTAMP() - INTERVAL \(seconds) SECOND
          AND p.person_id IS NULL
        LIMIT 100
        """
      ) { row in (id: try row.integer(0), chatID: try row.integer(1)) }
    }
    var escalated = 0
    for notification in found where try escalate(notification.id, notification.chatID) {
      escalated += 1
    }
    return escalated
  }

  private func escalate(_ id: Int64, _ chatID: Int64) throws -> Bool {
    try database.transaction { session in
      // The chat's lock first, as those who write messages take it.
      let chat = try session.first(
        "SELECT c.chat_id FROM tbl_chats c WHERE c.chat_id = \(chatID) FOR UPDATE"
      ) { row in try row.integer(0) }
      let claimed = try session.execute(
        """
        UPDATE tbl_chat_notifications SET escalated_at = UTC_TIMESTAMP()
        WHERE notification_id = \(id) AND unread = 1 AND escalated_at IS NULL
        """)
      guard chat != nil, claimed.affectedRows == 1 else { return false }
      try session.execute(
        """
        INSERT INTO tbl_chat_notifications (recipient_type, recipient_id, type, chat_id,
          first_message_id, message_id, message_count, created_at, updated_at)
        SELECT 'admin', a.id, 'unanswered', n.chat_id, n.first_message_id, n.message_id,
          n.message_count, UTC_TIMESTAMP(), UTC_TIMESTAMP()
        FROM tbl_chat_notifications n JOIN tbl_admin a ON \(site.adminIsActive)
        WHERE n.notification_id = \(id)
        ON DUPLICATE KEY UPDATE message_id = VALUES(message_id),
          message_count = VALUES(message_count), updated_at = VALUES(updated_at)
        """)
      return true
    }
  }

  /// Closes the open chats of guests who were not active for so many seconds, and tells the staff.
  ///
  /// A chat that needs an admin stays as it is.
  ///
  /// - Returns: how many chats were closed.
  public func closeChatsOfGoneGuests(timeToLive: Int) throws -> Int {
    let found = try database.read { session in
      try session.query(
        """
        SELECT c.chat_id FROM tbl_chats c JOIN tbl_guest_sessions g ON g.guest_id = c.guest_id
        WHERE c.status IN ('open', 'pending')
          AND g.last_active_at < UTC_TIMESTAMP() - INTERVAL \(timeToLive) SECOND
        LIMIT 100
        """
      ) { row in try row.integer(0) }
    }
    var closed = 0
    for chatID in found where try closeChatOfGoneGuest(chatID, timeToLive: timeToLive) {
      closed += 1
    }
    return closed
  }

  private func closeChatOfGoneGuest(_ chatID: Int64, timeToLive: Int) throws -> Bool {
    try database.transaction { session in
      // Under the chat's lock: the guest may have come back, or somebody else may have closed it.
      let gone = try session.first(
        """
        SELECT c.worker_id FROM tbl_chats c JOIN tbl_guest_sessions g ON g.guest_id = c.guest_id
        WHERE c.chat_id = \(chatID) AND c.status IN ('open', 'pending')
          AND g.last_active_at < UTC_TIMESTAMP() - INTERVAL \(timeToLive) SECOND
        FOR UPDATE
        """
      ) { row in try row.optionalInteger(0) }
      guard let workerID = gone else { return false }
      try session.execute("UPDATE tbl_chats SET status = 'closed' WHERE chat_id = \(chatID)")
      try notify(
        try workerID.map { [PersonID(.worker, $0)] } ?? activeAdmins(session),
        of: .guestLeft, in: chatID, session)
      return true
    }
  }

  /// Brings the site's own bell in line with what admins were told and have read.
  ///
  /// - Returns: how many notifications were looked at.
  public func mirrorNotifications() throws -> Int {
    guard site.notifications else { return 0 }
    // Found without locks, then one by one: nobody who writes a message waits for this.
    let found = try database.read { session in
      try session.query(
        """
        SELECT n.notification_id FROM tbl_chat_notifications n WHERE n.is_mirrored = 0
        ORDER BY n.notification_id LIMIT \(Self.mirroredAtOnce)
        """
      ) { row in try row.integer(0) }
    }
    for id in found { try mirror(id) }
    return found.count
  }

  private func mirror(_ id: Int64) throws {
    try database.transaction { session in
      let row = try session.first(
        """
        SELECT n.type, n.chat_id, n.recipient_id, n.unread, n.site_notification_id
        FROM tbl_chat_notifications n WHERE n.notification_id = \(id) FOR UPDATE
        """
      ) { row in
        (
          kind: try row.string(0), chatID: try row.integer(1), adminID: try row.integer(2),
          isUnread: try row.optionalInteger(3) == 1, siteID: try row.optionalInteger(4)
        )
      }
      guard let row else { return }
      var siteID = row.siteID
      if let siteID {
        try session.execute(
          "UPDATE tbl_notifications SET is_read = \(row.isUnread ? 0 : 1) WHERE id = \(siteID)")
      } else if row.isUnread {
        // Of an admin whose account is there: a row of anybody else would be refused.
        let result = try session.execute(
          """
          INSERT INTO tbl_notifications (type, reference_id, message, recipient_id, is_read)
          SELECT 'chat_message', \(row.chatID), \(Self.sentence(row.kind, row.chatID)), a.id, 0
          FROM tbl_admin a WHERE a.id = \(row.adminID)
          """)
        if result.affectedRows == 1 { siteID = Int64(result.lastInsertID) }
      }
      try session.execute(
        """
        UPDATE tbl_chat_notifications SET is_mirrored = 1, site_notification_id = \(siteID)
        WHERE notification_id = \(id)
        """)
    }
  }

  /// What the site's bell shows: nothing that anybody typed, since its pages may show it as HTML.
  private static func sentence(_ kind: String, _ chatID: Int64) -> String {
    switch ChatNotification.Kind(rawValue: kind) {
    case .escalation: "Chat \(chatID) needs an admin."
    case .unanswered: "A message in chat \(chatID) is not answered."
    case .guestLeft: "The guest of chat \(chatID) has gone; it was closed."
    case .assignment: "Chat \(chatID) was assigned."
    case .closed: "Chat \(chatID) was closed."
    case .message, nil: "There are new messages in chat \(chatID)."
    }
  }

  /// Removes what is older than so many days, at most a thousand of each: notifications, and the record
  /// of mails.
  ///
  /// - Returns: how many were removed.
  public func pruneNotifications(olderThan days: Int) throws -> Int {
    try prune(
      "tbl_chat_notifications", key: "notification_id",
      if: "updated_at < UTC_TIMESTAMP() - INTERVAL \(days) DAY")
      + prune(
        "tbl_chat_mails", key: "mail_id",
        if: "queued IS NULL AND created_at < UTC_TIMESTAMP() - INTERVAL \(days) DAY")
  }

  private func prune(_ table: SQL, key: SQL, if isOld: SQL) throws -> Int {
    // Found without locks: nobody who is told of a message waits for this.
    let oldest = try database.read { session in
      try session.query("SELECT \(key), \(isOld) FROM \(table) ORDER BY \(key) LIMIT 1000") { row in
        (id: try row.integer(0), isOld: try row.integer(1) != 0)
      }
    }
    var count = 0
    for part in oldest.filter(\.isOld).map(\.id).parts(of: 100) {
      count += try database.transaction { session in
        Int(
          try session.execute("DELETE FROM \(table) WHERE \(key) IN (\(SQL.list(part)))")
            .affectedRows)
      }
    }
    return count
  }
}
