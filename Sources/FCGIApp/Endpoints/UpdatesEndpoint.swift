import Chat
import FastCGI
import MySQLStore

/// `GET updates`: what happened since the client's cursor, at once or as soon as something does.
enum UpdatesEndpoint {
  /// The most seconds a request may wait.
  private static let longestWait: Int64 = 30

  @Sendable static func poll(_ context: RequestContext) throws -> Response? {
    let input = context.input
    guard let identity = context.identity else {
      throw Failure(.unauthenticated, "Please log in first.")
    }
    let wait = try input.integer("wait") ?? 0
    guard (0...longestWait).contains(wait) else {
      throw Failure(.invalid, "wait must be a number of seconds from 0 to \(longestWait).")
    }
    let live = context.application.live
    let chatID = try input.identifier("chat_id")
    if let chatID, try !live.maySee(chatID, identity.person.id) { throw Failure.noSuchChat }
    let query = UpdatesQuery(
      person: identity.person.id, chatID: chatID, wait: Double(wait),
      isHidden: try input.integer("hidden") == 1)
    let isStillValid = context.application.resolver.validity(of: identity, context.request)
    return try live.updates(
      query, after: try cursor(input), context.answer, isStillValid: isStillValid)
  }

  private static func cursor(_ input: Input) throws -> Cursor? {
    guard let text = try input.string("cursor"), !text.isEmpty else { return nil }
    guard let cursor = Cursor(text) else {
      throw Failure(.invalid, "This cursor did not come from a reply.")
    }
    return cursor
  }
}
