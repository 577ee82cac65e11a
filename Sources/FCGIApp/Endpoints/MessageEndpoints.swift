import Chat
import FastCGI
import MySQLStore

/// `POST send_message` and `GET messages`.
enum MessageEndpoints {
  /// The most messages of one answer.
  static let mostMessages = 500
  /// How many messages a page of history has when no number is given.
  static let pageOfMessages = 50

  @Sendable static func send(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    let chatID = try input.requiredIdentifier("chat_id")
    guard let written = try input.string("message") else {
      throw Failure(.invalid, "message is missing.")
    }
    let sent = try context.store.send(
      chatID: chatID, sender: actor, text: try Texts.message(written),
      clientMessageID: try clientMessageID(input))
    return Reply.success { writer in
      writer.field("message_id", sent.message.id)
      writer.field("duplicate", sent.isDuplicate)
      writer.field("message") { writer in writer.fields(of: sent.message, for: actor) }
    }
  }

  @Sendable static func history(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    let chatID = try input.requiredIdentifier("chat_id")
    guard let history = try context.store.history(chatID, for: actor, try range(input)) else {
      throw Failure.noSuchChat
    }
    return Reply.success { writer in
      writer.field("chat_id", chatID)
      writer.field("has_more", history.hasMore)
      writer.field("messages", array: history.messages) { writer, message in
        writer.fields(of: message, for: actor)
      }
    }
  }

  /// The identifier a client gives its message.
  ///
  /// - Throws: `invalid` if it is no UUID.
  static func clientMessageID(_ input: Input) throws -> ClientMessageID? {
    guard let text = try input.string("client_message_id"), !text.isEmpty else { return nil }
    guard let id = ClientMessageID(text) else {
      throw Failure(.invalid, "client_message_id must be a UUID.")
    }
    return id
  }

  /// Old pages name no range and get everything, up to the newest 500.
  private static func range(_ input: Input) throws -> HistoryRange {
    let beforeID = try input.identifier("before_id")
    // 0 is what a client that has nothing yet asks to go on from.
    let afterID = try input.integer("after_id") == 0 ? 0 : input.identifier("after_id")
    if beforeID != nil && afterID != nil {
      throw Failure(.invalid, "Give either before_id or after_id.")
    }
    let limit = try input.integer("limit")
    if let limit, !(1...Int64(mostMessages)).contains(limit) {
      throw Failure(.invalid, "limit must be a number from 1 to \(mostMessages).")
    }
    let standard = beforeID != nil || afterID != nil ? pageOfMessages : mostMessages
    return HistoryRange(
      limit: limit.map(Int.init) ?? standard, beforeID: beforeID, afterID: afterID)
  }
}
