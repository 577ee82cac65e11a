import Chat
import FastCGI
import MySQLStore

/// `GET notifications`, `POST notifications/read` and `GET deliveries`.
enum NotificationEndpoints {
  /// A text is shown as a preview: so many characters of it.
  private static let longestPreview = 200

  @Sendable static func list(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let notifications = try context.store.notifications(
      of: actor, beforeID: try context.input.identifier("before_id"),
      isUnread: try context.input.boolean("unread") ?? false,
      limit: try context.input.limit(standard: 20, most: 100))
    let live = context.application.live
    try live.refresh()
    let unread = try live.unreadNotifications(actor)
    return Reply.success { writer in
      writer.field("notifications", array: notifications) { writer, notification in
        writer.field("notification_id", notification.id)
        writer.field("type", notification.kind.rawValue)
        writer.field("chat_id", notification.chatID)
        writer.field("subject", notification.subject)
        writer.field("message_count", notification.messageCount)
        writer.field("text", notification.text.map { String($0.prefix(longestPreview)) })
        writer.field("person", person: notification.person)
        writer.field("is_read", notification.isRead)
        writer.field("created_at", timestamp: notification.createdAt)
        writer.field("updated_at", timestamp: notification.updatedAt)
      }
      writer.field("unread", unread)
    }
  }

  /// One, those of a chat, or all.
  @Sendable static func markRead(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let count = try context.store.readNotifications(
      of: actor, id: try context.input.identifier("notification_id"),
      chatID: try context.input.identifier("chat_id"))
    context.application.live.noteWrite()
    try context.application.live.refresh()
    let unread = try context.application.live.unreadNotifications(actor)
    return Reply.success { writer in
      writer.field("read", Int64(count))
      writer.field("unread", unread)
    }
  }

  /// What was tried so that somebody hears of a chat's messages: an admin's view.
  @Sendable static func deliveries(_ context: RequestContext) throws -> Response {
    try Policy.requireAdmin(try context.actor)
    let chatID = try context.input.requiredIdentifier("chat_id")
    guard try context.store.chat(chatID, for: try context.actor) != nil else {
      throw Failure.noSuchChat
    }
    let records = try context.store.deliveryRecords(
      chatID, limit: try context.input.limit(standard: 20, most: 100))
    return Reply.success { writer in
      writer.field("deliveries", array: records) { writer, entry in
        let (record, recipient) = entry
        writer.field("way", record.way.rawValue)
        writer.field("recipient", person: recipient)
        writer.field("state", record.state)
        writer.field("created_at", timestamp: record.createdAt)
        writer.field("finished_at", timestamp: record.finishedAt)
        writer.field("attempts", record.attempts)
        writer.field("next_attempt_at", timestamp: record.nextAttemptAt)
        writer.field("error", record.error)
      }
    }
  }
}
