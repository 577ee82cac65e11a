import Chat
import MySQLStore

/// The shapes in which replies show chats, messages and people.
extension JSONWriter {
  /// The fields of a message, as the existing pages read them and more.
  mutating func fields(of message: Message, for reader: PersonID) {
    field("message_id", message.id)
    field("chat_id", message.chatID)
    field("sender_type", message.senderRole.rawValue)
    field("sender_id", message.senderID)
    // The existing pages put this into the document as HTML.
    field("message", htmlEncoding: message.text)
    field("text", message.text)
    field("is_read", Int64(message.isRead ? 1 : 0))
    field("created_at", message.createdAt)
    field("timestamp", timestamp: message.createdAt)
    field("sender_name", message.sender.name)
    field("sender_role", message.sender.title)
    field("avatar", message.sender.avatar)
    if message.isWritten(by: reader) {
      field("client_message_id", message.clientMessageID?.description)
    }
  }

  /// The fields of a chat in a list, as its reader may see them.
  mutating func fields(
    of item: ChatListItem, for reader: PersonID, _ presence: [PersonID: Presence]
  ) {
    let chat = item.chat
    field("chat_id", chat.id)
    field("user_id", chat.userID)
    field("guest_id", chat.guestID)
    field("admin_id", chat.adminID)
    field("worker_id", chat.workerID)
    field("assigned_by", chat.assignedBy)
    field("status", chat.status.rawValue)
    field("created_at", chat.createdAt)
    field("updated_at", chat.updatedAt)
    field("subject", chat.subject)
    field("other", person: item.otherSide(for: reader), presence)
    field("assigned", person: chat.isAmongStaff ? nil : item.worker, presence)
    if let last = item.lastMessage {
      field("last_message") { writer in
        writer.field("message_id", last.id)
        writer.field("text", last.text)
        writer.field("created_at", last.createdAt)
        writer.field("timestamp", timestamp: last.createdAt)
        writer.field("sender_type", last.senderRole.rawValue)
        writer.field("sender_id", last.senderID)
      }
    } else {
      null("last_message")
    }
    field("unread_count", item.unreadCount)
    if reader.role.isStaff, !chat.isAmongStaff {
      field("contact") { writer in
        writer.field("email", item.contact.email)
        writer.field("phone", item.contact.phone)
        writer.field("car_brand", item.contact.carBrand)
      }
    }
  }

  /// A person as an object, or null.
  mutating func field(_ name: StaticString, person: Person?) {
    guard let person else { return null(name) }
    field(name) { writer in writer.fields(of: person) }
  }

  /// A person with their presence as an object, or null.
  mutating func field(
    _ name: StaticString, person: Person?, _ presence: [PersonID: Presence]
  ) {
    guard let person else { return null(name) }
    field(name) { writer in
      writer.fields(of: person)
      writer.fields(of: presence[person.id])
    }
  }

  /// The fields of somebody's presence; `nil` for somebody who was never there.
  mutating func fields(of presence: Presence?) {
    field("online", presence?.isOnline ?? false)
    field("last_seen", timestamp: presence?.lastSeenAt)
  }

  /// The fields of a person.
  mutating func fields(of person: Person) {
    field("type", person.id.role.rawValue)
    field("id", person.id.number)
    field("name", person.name)
    field("role", person.title)
    field("avatar", person.avatar)
  }
}

extension ChatListItem {
  /// Those whose presence a list shows.
  func shownPeople(for reader: PersonID) -> [PersonID] {
    [otherSide(for: reader)?.id, worker?.id].compactMap { $0 }
  }

  /// Whom the reader talks to: the customer or guest for staff, the staff for customers and guests,
  /// and in a chat among staff the colleague.
  func otherSide(for reader: PersonID) -> Person? {
    if chat.isAmongStaff { return reader.role == .worker ? admin : worker }
    return reader.role.isStaff ? customer : worker ?? admin
  }
}
