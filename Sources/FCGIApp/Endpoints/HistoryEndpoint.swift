import Chat
import Crypto
import FastCGI
import MySQLStore

/// `GET messages`: a part of a chat's history.
///
/// While nothing in the chat changed, it is answered from memory: with 304 to a client that has it
/// (RFC 9110, 13.1.2), otherwise with what was sent before.
enum HistoryEndpoint {
  /// The most messages of one answer.
  private static let mostMessages = 500
  /// How many messages a page of history has when no number is given.
  private static let pageOfMessages = 50

  @Sendable static func show(_ context: RequestContext) throws -> Response? {
    let actor = try context.actor
    let live = context.application.live
    let chatID = try context.input.requiredIdentifier("chat_id")
    let range = try range(context.input)
    let key = HistoryCache.Key(
      chatID: chatID, person: actor, limit: range.limit, beforeID: range.beforeID,
      afterID: range.afterID)
    try live.refresh()
    guard try live.maySee(chatID, actor) else { throw Failure.noSuchChat }
    guard let (chat, position) = live.chat(chatID, for: actor) else { throw Failure.noSuchChat }
    let entry: HistoryCache.Entry
    if let known = live.histories.entry(key, revision: chat.revision) {
      entry = known
    } else {
      guard let history = try context.store.history(chatID, for: actor, range) else {
        throw Failure.noSuchChat
      }
      let marks = try context.store.marks(of: chatID)
      entry = made(history, marks, chat, chatID, actor)
      live.histories.insert(key, entry)
      if let newest = history.messages.last(where: { !$0.isWritten(by: actor) }) {
        live.noteDelivery(of: newest, chat.participants, to: actor)
      }
    }
    let etag = (name: "ETag", value: entry.etag)
    if Self.matches(context.request.parameters["HTTP_IF_NONE_MATCH"], entry.etag) {
      return Response(
        status: 304, headers: [etag, (name: "Cache-Control", value: "no-cache")])
    }
    // An older page is not where a client goes on from.
    let cursor =
      range.beforeID != nil
      ? nil
      : Cursor(
        position, shown: Cursor.Shown(chatID: chatID, messageID: entry.newestMessageID))
    var response = Reply.success(entry.body) { writer in
      writer.field("cursor", cursor?.description)
    }
    response.headers.append(etag)
    return response
  }

  private static func made(
    _ history: History, _ marks: [ChatMark], _ chat: ChatState, _ chatID: Int64, _ actor: PersonID
  ) -> HistoryCache.Entry {
    let delivered = marks.filter { $0.reader.id != actor }.map(\.lastDeliveredMessageID).max() ?? 0
    let body = Reply.fields { writer in
      writer.field("chat_id", chatID)
      writer.field("status", chat.status.rawValue)
      writer.field("has_more", history.hasMore)
      writer.field("messages", array: history.messages) { writer, message in
        writer.fields(of: message, for: actor)
        if message.isWritten(by: actor) { writer.field("delivered", message.id <= delivered) }
      }
      writer.field("marks", array: marks) { writer, mark in
        writer.field("reader", person: mark.reader)
        writer.field("last_read_message_id", mark.lastReadMessageID)
        writer.field("read_at", timestamp: mark.readAt)
        writer.field("last_delivered_message_id", mark.lastDeliveredMessageID)
        writer.field("delivered_at", timestamp: mark.deliveredAt)
      }
    }
    // Made of what it says: the same on every process, and never reused for another history.
    let digest = SHA256.hash(data: body).prefix(12)
    return HistoryCache.Entry(
      revision: chat.revision, newestMessageID: history.messages.last?.id ?? 0,
      etag: "W/\"\(Hexadecimal.encode(digest))\"", body: body)
  }

  /// Whether a client has it: any of a list, compared weakly (RFC 9110, 8.8.3.2).
  static func matches(_ header: String?, _ etag: String) -> Bool {
    guard let header else { return false }
    return header.split(separator: ",").contains { part in
      let tag = part.trimmed()
      return tag == "*" || tag == etag || "W/" + tag == etag
    }
  }

  /// Old pages name no range and get everything, up to the newest 500.
  private static func range(_ input: Input) throws -> HistoryRange {
    let beforeID = try input.identifier("before_id")
    // 0 is what a client that has nothing yet asks to go on from.
    let afterID = try input.integer("after_id") == 0 ? 0 : input.identifier("after_id")
    if beforeID != nil && afterID != nil {
      throw Failure(.invalid, "Give either before_id or after_id.")
    }
    let standard = beforeID != nil || afterID != nil ? pageOfMessages : mostMessages
    return HistoryRange(
      limit: try input.limit(standard: standard, most: mostMessages), beforeID: beforeID,
      afterID: afterID)
  }
}
