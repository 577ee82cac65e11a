import Chat
import FastCGI
import MySQLStore

/// `GET unread_count` and `POST mark_read`.
enum ReadEndpoints {
  @Sendable static func unreadCount(_ context: RequestContext) throws -> Response? {
    let actor = try context.actor
    let live = context.application.live
    try live.refresh()
    if let chatID = try context.input.identifier("chat_id") {
      guard let count = try live.unreadCount(chatID, actor) else { throw Failure.noSuchChat }
      return Reply.success { writer in
        writer.field("chat_id", chatID)
        writer.field("unread_count", count)
      }
    }
    let counts = try live.unreadTotal(actor)
    return Reply.success { writer in
      writer.field("unread_count", counts.values.reduce(0, +))
      writer.field("chats", numbers: counts)
    }
  }

  @Sendable static func markRead(_ context: RequestContext) throws -> Response? {
    let actor = try context.actor
    let chatID = try context.input.requiredIdentifier("chat_id")
    let mark = try context.store.markRead(
      chatID, upTo: try context.input.identifier("message_id"), by: actor)
    return Reply.success { writer in
      writer.field("chat_id", chatID)
      writer.field("last_read_message_id", mark.lastReadMessageID)
      writer.field("unread_count", mark.unreadCount)
    }
  }
}
