import Chat

extension Store {
  /// The columns of `tbl_chats` under the alias `c`, in the order ``chat(_:)`` reads them.
  static let chatColumns: SQL = """
    c.chat_id, c.user_id, c.guest_id, c.admin_id, c.worker_id, c.assigned_by, c.status, c.subject,
    c.created_at, c.updated_at
    """

  /// The condition that the person may see the chat `c`: the SQL form of `Policy.maySee`.
  static func access(_ person: PersonID) -> SQL {
    switch person.role {
    case .customer: "c.user_id = \(person.number)"
    case .guest: "c.guest_id = \(person.number)"
    case .worker: "c.worker_id = \(person.number)"
    case .admin: "TRUE"
    }
  }

  static func chat(_ row: borrowing Row) throws -> Chat {
    Chat(
      id: try row.integer(0), userID: try row.optionalInteger(1),
      guestID: try row.optionalInteger(2), adminID: try row.optionalInteger(3),
      workerID: try row.optionalInteger(4), assignedBy: try row.optionalInteger(5),
      status: try row.optionalString(6).flatMap { ChatStatus(rawValue: $0) } ?? .open,
      subject: try row.optionalString(7), createdAt: try row.string(8),
      updatedAt: try row.string(9))
  }

  /// The chat, if the person may see it.
  public func chat(_ id: Int64, for person: PersonID) throws -> Chat? {
    try database.read { session in
      try session.first(
        """
        SELECT \(Self.chatColumns) FROM tbl_chats c
        WHERE c.chat_id = \(id) AND \(Self.access(person))
        """
      ) { row in try Self.chat(row) }
    }
  }

  /// The chat with its row locked to the transaction's end, and the database's time.
  ///
  /// - Throws: ``Failure/noSuchChat`` if the person may not see it.
  func lockedChat(
    _ id: Int64, for person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> (chat: Chat, now: String) {
    var now = ""
    let chat = try session.first(
      """
      SELECT \(Self.chatColumns), CURRENT_TIMESTAMP FROM tbl_chats c
      WHERE c.chat_id = \(id) AND \(Self.access(person)) FOR UPDATE
      """
    ) { row in
      now = try row.string(10)
      return try Self.chat(row)
    }
    return (chat: try Policy.requireSight(of: chat, person), now: now)
  }

  /// Changes the state as the policy allows.
  ///
  /// - Throws: `Failure` by ``Policy``, ``DatabaseError``.
  public func change(
    _ id: Int64, _ transition: Policy.Transition, by person: PersonID
  ) throws -> ChatStatus {
    try database.transaction { session in
      let (chat, _) = try lockedChat(id, for: person, session)
      let status = try Policy.status(after: transition, of: chat, by: person)
      try session.execute(
        "UPDATE tbl_chats SET status = \(status.rawValue) WHERE chat_id = \(id)")
      let concerned =
        switch status {
        case .escalated: try activeAdmins(session)
        case .closed: chat.people
        case .open, .pending: [PersonID]()
        }
      // Whoever did it knows.
      try notify(
        concerned.filter { $0 != person }, of: status == .closed ? .closed : .escalation,
        in: id, session)
      return status
    }
  }

  /// Assigns a worker, or takes the assigned one off (`nil`); an admin's work.
  ///
  /// - Throws: `Failure` if the chat, the worker or the state does not allow it.
  public func assign(_ id: Int64, workerID: Int64?, by admin: PersonID) throws {
    try Policy.requireAdmin(admin)
    try database.transaction { session in
      let (chat, _) = try lockedChat(id, for: admin, session)
      try Policy.requireAssignable(chat)
      if let workerID, try activePerson(PersonID(.worker, workerID), session) == nil {
        throw Failure(.invalid, "There is no such worker.")
      }
      try session.execute(
        """
        UPDATE tbl_chats SET worker_id = \(workerID), assigned_by = \(admin.number)
        WHERE chat_id = \(id)
        """)
      if workerID == chat.workerID { return }
      // It is off the bell of those who had it.
      try session.execute(
        """
        UPDATE tbl_chat_notifications SET unread = NULL
        WHERE chat_id = \(id) AND unread = 1 AND (recipient_type = 'worker'
          OR (recipient_type = 'admin' AND \(workerID) IS NOT NULL
            AND type IN ('message', 'unanswered')))
        """)
      if let workerID {
        try notify([PersonID(.worker, workerID)], of: .assignment, in: id, session)
      }
    }
  }
}
