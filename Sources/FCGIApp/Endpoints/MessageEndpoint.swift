import Chat
import FastCGI
import MySQLStore

/// `POST send_message`.
enum MessageEndpoint {
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
}
