/// One message of a chat, with what is needed to show it.
public struct Message: Sendable, Equatable {
  /// `message_id`; within a chat a higher number was sent later.
  public let id: Int64
  /// The chat it stands in.
  public let chatID: Int64
  /// The role its author wrote in.
  public let senderRole: Role
  /// The author's number; `nil` in rows of the old site that have none.
  public let senderID: Int64?
  /// The author's name, role and picture.
  public let sender: SenderProfile
  /// The text as written, never encoded.
  public let text: String
  /// Whether somebody on the other side has read it.
  public let isRead: Bool
  /// When it was stored: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let createdAt: String
  /// The identifier its author's client gave it.
  public let clientMessageID: ClientMessageID?

  /// Describes a message.
  public init(
    id: Int64, chatID: Int64, senderRole: Role, senderID: Int64?, sender: SenderProfile,
    text: String, isRead: Bool, createdAt: String, clientMessageID: ClientMessageID?
  ) {
    self.id = id
    self.chatID = chatID
    self.senderRole = senderRole
    self.senderID = senderID
    self.sender = sender
    self.text = text
    self.isRead = isRead
    self.createdAt = createdAt
    self.clientMessageID = clientMessageID
  }
}

extension Message {
  /// Whether it is the person's own.
  public func isWritten(by person: PersonID) -> Bool {
    senderRole == person.role && senderID == person.number
  }
}

/// The author of a message as shown beside it.
public struct SenderProfile: Sendable, Equatable {
  /// The name to show.
  public let name: String
  /// The role to show.
  public let title: String
  /// The path of the picture below the site's root, if there is one.
  public let avatar: String?

  /// Describes an author.
  public init(name: String, title: String, avatar: String?) {
    self.name = name
    self.title = title
    self.avatar = avatar
  }
}
