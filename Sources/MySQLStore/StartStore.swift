import Chat

/// A chat somebody wants to start.
public struct NewChat: Sendable {
  /// Who starts it.
  public let starter: PersonID
  /// The customer or colleague a member of staff starts it with; `nil` for customers and guests.
  public let partner: PersonID?
  /// What it is about.
  public let subject: String?
  /// A first message.
  public let text: String?
  /// The identifier of the first message.
  public let clientMessageID: ClientMessageID?

  /// Describes a chat to start.
  public init(
    starter: PersonID, partner: PersonID?, subject: String?, text: String?,
    clientMessageID: ClientMessageID?
  ) {
    self.starter = starter
    self.partner = partner
    self.subject = subject
    self.text = text
    self.clientMessageID = clientMessageID
  }

  /// The people as the columns of `tbl_chats` hold them.
  func number(_ role: Role) -> Int64? {
    if starter.role == role { return starter.number }
    return partner?.role == role ? partner?.number : nil
  }
}

/// The chat that ``Store/start(_:)`` made or found.
public struct StartedChat: Sendable {
  /// The chat.
  public let chatID: Int64
  /// False if a still empty one, or the one of a repeated request, was found.
  public let isNew: Bool
  /// The first message, if one was sent.
  public let messageID: Int64?
}

extension Store {
  /// Starts a chat, or finds the one that an earlier press of the same button started.
  ///
  /// The starter's own row is locked first, so that two presses at the same moment follow each other.
  ///
  /// - Throws: `Failure` if the partner does not exist, ``DatabaseError``.
  public func start(_ new: NewChat) throws -> StartedChat {
    try database.transaction { session in
      guard try lock(new.starter, session) else {
        throw Failure(.unauthenticated, "This account does not exist any more.")
      }
      if let partner = new.partner, try activePerson(partner, session) == nil {
        throw Failure(.invalid, "There is no such person to chat with.")
      }
      if let repeated = try repeatedStart(new, session) { return repeated }
      let empty = try emptyChat(new, session)
      let chatID = try empty ?? insertChat(new, session)
      if empty != nil, let subject = new.subject {
        try session.execute(
          "UPDATE tbl_chats SET subject = \(subject) WHERE chat_id = \(chatID)")
      }
      let messageID = try new.text.map { text in
        let (_, now) = try lockedChat(chatID, for: new.starter, session)
        return try insertMessage(
          chatID: chatID, sender: new.starter, text: text, clientMessageID: new.clientMessageID,
          createdAt: now, session)
      }
      return StartedChat(chatID: chatID, isNew: empty == nil, messageID: messageID)
    }
  }

  private func lock(_ person: PersonID, _ session: borrowing DatabaseSession) throws -> Bool {
    let query: SQL =
      switch person.role {
      case .customer: "SELECT id FROM tbl_user WHERE id = \(person.number) FOR UPDATE"
      case .guest:
        "SELECT guest_id FROM tbl_guest_sessions WHERE guest_id = \(person.number) FOR UPDATE"
      case .worker: "SELECT id FROM tbl_worker WHERE id = \(person.number) FOR UPDATE"
      case .admin: "SELECT id FROM tbl_admin WHERE id = \(person.number) FOR UPDATE"
      }
    return try session.first(query) { row in try row.integer(0) } != nil
  }

  /// The people of the new chat, as a condition on the chat `c`.
  private func samePeople(_ new: NewChat) -> SQL {
    if new.partner == nil { return Self.access(new.starter) }
    return """
      c.user_id <=> \(new.number(.customer)) AND c.guest_id <=> \(new.number(.guest))
      AND c.admin_id <=> \(new.number(.admin)) AND c.worker_id <=> \(new.number(.worker))
      """
  }

  /// The chat of an earlier request with the same identifier of the first message.
  private func repeatedStart(
    _ new: NewChat, _ session: borrowing DatabaseSession
  ) throws -> StartedChat? {
    guard new.text != nil, let clientMessageID = new.clientMessageID else { return nil }
    return try session.first(
      """
      SELECT c.chat_id, m.message_id FROM tbl_chats c
      JOIN tbl_chat_messages m ON m.chat_id = c.chat_id
        AND m.sender_type = \(new.starter.role.rawValue) AND m.sender_id = \(new.starter.number)
        AND m.client_message_id = \(clientMessageID.bytes)
      WHERE \(samePeople(new)) LIMIT 1
      """
    ) { row in
      StartedChat(chatID: try row.integer(0), isNew: false, messageID: try row.integer(1))
    }
  }

  private func emptyChat(
    _ new: NewChat, _ session: borrowing DatabaseSession
  ) throws -> Int64? {
    try session.first(
      """
      SELECT c.chat_id FROM tbl_chats c
      WHERE \(samePeople(new)) AND c.status = 'open'
        AND NOT EXISTS (SELECT 1 FROM tbl_chat_messages m WHERE m.chat_id = c.chat_id)
      ORDER BY c.chat_id DESC LIMIT 1
      """
    ) { row in try row.integer(0) }
  }

  private func insertChat(_ new: NewChat, _ session: borrowing DatabaseSession) throws -> Int64 {
    let result = try session.execute(
      """
      INSERT INTO tbl_chats (user_id, guest_id, admin_id, worker_id, status, subject)
      VALUES (\(new.number(.customer)), \(new.number(.guest)), \(new.number(.admin)),
        \(new.number(.worker)), 'open', \(new.subject))
      """)
    return Int64(result.lastInsertID)
  }
}
