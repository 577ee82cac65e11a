import Chat
import FastCGI
import MySQLStore

/// `POST typing`: the caller writes at this moment.
enum TypingEndpoint {
  @Sendable static func type(_ context: RequestContext) throws -> Response? {
    let actor = try context.actor
    let chatID = try context.input.requiredIdentifier("chat_id")
    try context.store.addTyping(chatID, by: actor)
    return Reply.success { writer in writer.field("chat_id", chatID) }
  }
}
