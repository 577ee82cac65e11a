import Chat
import FastCGI
import MySQLStore

/// `GET list`: the chats that the caller may see.
enum ListEndpoint {
  private static let mostChats = 100
  private static let pageOfChats = 50

  @Sendable static func list(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    let limit = try input.limit(standard: pageOfChats, most: mostChats)
    let live = context.application.live
    try live.refresh()
    // Taken first: what happens from here on comes with the updates.
    let cursor = Cursor(try live.position())
    var items = try context.store.chats(
      for: actor, try filter(input), after: try position(input), limit: limit + 1)
    let hasMore = items.count > limit
    if hasMore { items.removeLast() }
    let people = Set(items.flatMap { $0.shownPeople(for: actor) })
    let presence = try context.store.presence(of: Array(people))
    return Reply.success { writer in
      writer.field("chats", array: items) { writer, item in
        writer.fields(of: item, for: actor, presence)
      }
      writer.field("cursor", cursor.description)
      writer.field("next_page_token", hasMore ? items.last.map(token) : nil)
    }
  }

  private static func filter(_ input: Input) throws -> ChatFilter {
    var filter = ChatFilter()
    filter.chatID = try input.identifier("chat_id")
    if let names = try input.string("status"), !names.isEmpty {
      for name in names.split(separator: ",") {
        if name == "active" {
          filter.statuses += [.open, .pending, .escalated]
        } else if let status = ChatStatus(rawValue: String(name)) {
          filter.statuses.append(status)
        } else {
          throw Failure(.invalid, "status must be open, pending, escalated, closed or active.")
        }
      }
    }
    filter.worker = try someone(input, "assigned_to", word: "none", means: .nobody)
    filter.customer = try someone(input, "customer", word: "any", means: .anybody)
    filter.guest = try someone(input, "guest", word: "any", means: .anybody)
    filter.text = try input.string("q").flatMap { text throws(Failure) in
      try Texts.line(text, field: "q", atMost: 100)
    }
    return filter
  }

  private static func someone(
    _ input: Input, _ name: String, word: String, means meaning: ChatFilter.Someone
  ) throws -> ChatFilter.Someone? {
    if let text = try? input.string(name), text == word { return meaning }
    return try input.identifier(name).map { .number($0) }
  }

  /// Opaque to clients: time and number of the last chat shown.
  private static func token(_ item: ChatListItem) -> String {
    Hexadecimal.encode("\(item.chat.updatedAt)|\(item.chat.id)".utf8)
  }

  private static func position(_ input: Input) throws -> ChatListPosition? {
    guard let token = try input.string("page_token"), !token.isEmpty else { return nil }
    let refusal = Failure(.invalid, "This page_token did not come from a list.")
    guard let bytes = Hexadecimal.decode(token) else { throw refusal }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|")
    guard parts.count == 2, let chatID = Int64(parts[1]), isTime(parts[0]) else { throw refusal }
    return ChatListPosition(updatedAt: String(parts[0]), chatID: chatID)
  }

  /// `YYYY-MM-DD HH:MM:SS`, so that the database never sees anything else as a time.
  private static func isTime(_ text: Substring) -> Bool {
    let pattern = Array("0000-00-00 00:00:00".utf8)
    let bytes = Array(text.utf8)
    guard bytes.count == pattern.count else { return false }
    return zip(bytes, pattern).allSatisfy { byte, form in
      form == UInt8(ascii: "0")
        ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
    }
  }
}
