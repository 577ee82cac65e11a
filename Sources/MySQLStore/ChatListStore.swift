import Chat

/// Which chats a list shall hold; all that is set must hold.
public struct ChatFilter: Sendable {
  /// A person given by number, anybody, or nobody.
  public enum Someone: Sendable, Equatable {
    /// The person with this number.
    case number(Int64)
    /// Anybody at all.
    case anybody
    /// Nobody.
    case nobody
  }

  /// Only this chat.
  public var chatID: Int64?
  /// Only these states; empty for all.
  public var statuses: [ChatStatus] = []
  /// The assigned worker.
  public var worker: Someone?
  /// The customer.
  public var customer: Someone?
  /// The guest.
  public var guest: Someone?
  /// A text that a name or the subject contains.
  public var text: String?

  /// A filter that lets everything through.
  public init() {}
}

/// The place in a list after which the next page starts: order is by time, then by number, falling.
public struct ChatListPosition: Sendable, Equatable {
  /// `updated_at` of the last chat shown.
  public let updatedAt: String
  /// `chat_id` of the last chat shown.
  public let chatID: Int64

  /// Names the last chat shown.
  public init(updatedAt: String, chatID: Int64) {
    self.updatedAt = updatedAt
    self.chatID = chatID
  }
}

/// A chat with what a list shows of it.
public struct ChatListItem: Sendable {
  /// The chat.
  public let chat: Chat
  /// The customer or guest.
  public let customer: Person?
  /// How to reach the customer or guest; for staff's eyes only.
  public let contact: Contact
  /// The assigned worker.
  public let worker: Person?
  /// The admin who takes part.
  public let admin: Person?
  /// The newest message.
  public let lastMessage: LastMessage?
  /// How many messages of others the reader has not read.
  public var unreadCount: Int64

  /// The newest message as a list shows it.
  public struct LastMessage: Sendable {
    /// `message_id`.
    public let id: Int64
    /// The text as written.
    public let text: String
    /// When it was stored: `YYYY-MM-DD HH:MM:SS`, UTC.
    public let createdAt: String
    /// The author's role.
    public let senderRole: Role
    /// The author's number.
    public let senderID: Int64?
  }
}

extension Store {
  /// A page of the chats the person may see, newest activity first, in two statements at most.
  public func chats(
    for person: PersonID, _ filter: ChatFilter, after position: ChatListPosition?, limit: Int
  ) throws -> [ChatListItem] {
    try database.read { session in
      var condition = Self.access(person) + condition(filter, for: person)
      if let position {
        condition += """
           AND c.updated_at <= \(position.updatedAt)
          AND (c.updated_at < \(position.updatedAt) OR c.chat_id < \(position.chatID))
          """
      }
      return try items(
        """
        (SELECT c.chat_id FROM tbl_chats c \(filter.text == nil ? "" : nameJoins)
         WHERE \(condition) ORDER BY c.updated_at DESC, c.chat_id DESC LIMIT \(limit))
        """, for: person, session)
    }
  }

  /// One chat as a list shows it, if the person may see it.
  public func chatListItem(_ id: Int64, for person: PersonID) throws -> ChatListItem? {
    try database.read { session in
      try items(
        """
        (SELECT c.chat_id FROM tbl_chats c
         WHERE c.chat_id = \(id) AND \(Self.access(person)))
        """, for: person, session
      ).first
    }
  }

  private func items(
    _ page: SQL, for person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> [ChatListItem] {
    var floors: [UnreadFloor] = []
    var items = try session.query(
      """
      SELECT \(Self.chatColumns), u.name, u.new_img_name, u.email, u.phonenum, u.car_brand,
        g.name, g.email, w.full_name, w.position, w.image_url,
        a.full_name, a.position, \(site.adminImageColumn),
        m.message_id, m.message, m.created_at, m.sender_type, m.sender_id,
        \(Self.unreadFloor)
      FROM \(Self.withNewestMessage(page)) JOIN tbl_chats c ON c.chat_id = p.chat_id \(nameJoins)
      LEFT JOIN tbl_chat_messages m ON m.message_id = p.newest_id
      \(Self.readMarkJoin(person))
      """
    ) { row in
      let item = try item(row)
      if let lastMessage = item.lastMessage {
        floors.append(
          UnreadFloor(
            chatID: item.chat.id, messageID: try row.integer(28), newestID: lastMessage.id))
      }
      return item
    }
    // The page has its order already, but a join promises none.
    items.sort { ($0.chat.updatedAt, $0.chat.id) > ($1.chat.updatedAt, $1.chat.id) }
    let unread = try unreadCounts(floors, for: person, session)
    for index in items.indices {
      items[index].unreadCount = unread[items[index].chat.id]?.unread ?? 0
    }
    return items
  }

  private func item(_ row: borrowing Row) throws -> ChatListItem {
    let chat = try Self.chat(row)
    var customer: Person?
    if let number = chat.userID {
      customer = person(
        PersonID(.customer, number), name: try row.optionalString(10), title: nil,
        image: try row.optionalString(11))
    } else if let number = chat.guestID {
      customer = person(
        PersonID(.guest, number), name: try row.optionalString(15), title: nil, image: nil)
    }
    var worker: Person?
    if let number = chat.workerID {
      worker = person(
        PersonID(.worker, number), name: try row.optionalString(17),
        title: try row.optionalString(18), image: try row.optionalString(19))
    }
    var admin: Person?
    if let number = chat.adminID {
      admin = person(
        PersonID(.admin, number), name: try row.optionalString(20),
        title: try row.optionalString(21), image: try row.optionalString(22))
    }
    var lastMessage: ChatListItem.LastMessage?
    if let id = try row.optionalInteger(23) {
      lastMessage = ChatListItem.LastMessage(
        id: id, text: try row.string(24), createdAt: try row.string(25),
        senderRole: try row.role(26) ?? .guest, senderID: try row.optionalInteger(27))
    }
    let email = try row.optionalString(12) ?? row.optionalString(16)
    return ChatListItem(
      chat: chat, customer: customer,
      contact: Contact(
        email: email, phone: try row.optionalString(13), carBrand: try row.optionalString(14)),
      worker: worker, admin: admin, lastMessage: lastMessage, unreadCount: 0)
  }

  private var nameJoins: SQL {
    """
    LEFT JOIN tbl_user u ON u.id = c.user_id
    LEFT JOIN tbl_guest_sessions g ON g.guest_id = c.guest_id
    LEFT JOIN tbl_worker w ON w.id = c.worker_id
    LEFT JOIN tbl_admin a ON a.id = c.admin_id
    """
  }

  private func condition(_ filter: ChatFilter, for person: PersonID) -> SQL {
    var condition: SQL = ""
    if let chatID = filter.chatID { condition += " AND c.chat_id = \(chatID)" }
    if !filter.statuses.isEmpty {
      var list: SQL = "\(filter.statuses[0].rawValue)"
      for status in filter.statuses.dropFirst() { list += ", \(status.rawValue)" }
      condition += " AND c.status IN (\(list))"
    }
    if let worker = filter.worker { condition += match("c.worker_id", worker) }
    if let customer = filter.customer { condition += match("c.user_id", customer) }
    if let guest = filter.guest { condition += match("c.guest_id", guest) }
    if let text = filter.text {
      let pattern = contains(text)
      condition += """
         AND (c.subject LIKE \(pattern) ESCAPE '!' OR w.full_name LIKE \(pattern) ESCAPE '!'
        OR a.full_name LIKE \(pattern) ESCAPE '!' OR u.name LIKE \(pattern) ESCAPE '!'
        OR g.name LIKE \(pattern) ESCAPE '!')
        """
    }
    return condition
  }

  private func match(_ column: SQL, _ someone: ChatFilter.Someone) -> SQL {
    switch someone {
    case .number(let number): " AND \(column) = \(number)"
    case .anybody: " AND \(column) IS NOT NULL"
    case .nobody: " AND \(column) IS NULL"
    }
  }
}
