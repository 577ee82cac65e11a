import Chat

/// The shape in which replies show events.
extension JSONWriter {
  /// The fields of an event, with all that a page needs to show it.
  mutating func fields(
    of event: ChatEvent, _ participants: Participants?, for reader: PersonID
  ) {
    field("event_id", event.id)
    field("type", Self.type(event.change))
    field("chat_id", event.chatID == 0 ? nil : event.chatID)
    field("timestamp", timestamp: event.createdAt)
    switch event.change {
    case .started(let status), .status(let status):
      field("status", status.rawValue)
    case .message(let message):
      field("message") { writer in writer.fields(of: message, for: reader) }
    case .read(let person, let lastMessageID):
      field("reader", person: person)
      field("last_read_message_id", lastMessageID)
      field("read_at", timestamp: event.createdAt)
    case .delivered(let person, let lastMessageID):
      field("reader", person: person)
      field("last_delivered_message_id", lastMessageID)
      field("delivered_at", timestamp: event.createdAt)
    case .typing(let person):
      field("person", person: person)
      field("expires_in_ms", Int64(6_000))
    case .assigned(let worker, let previousWorkerID):
      field("worker", person: worker)
      field("worker_id", worker?.id.number)
      field("previous_worker_id", previousWorkerID)
      field("access", participants?.include(reader) ?? false)
    case .presence(let person, let isOnline, _):
      field("person", person: person)
      field("online", isOnline)
      field("last_seen", timestamp: event.createdAt)
    case .notification: break
    }
  }

  private static func type(_ change: ChatEvent.Change) -> String {
    switch change {
    case .started: "chat"
    case .message: "message"
    case .read: "read"
    case .delivered: "delivered"
    case .typing: "typing"
    case .status: "status"
    case .assigned: "assigned"
    case .presence: "presence"
    case .notification: "notification"
    }
  }
}
