import Chat
import Threads

/// Histories as they were last sent, so that an unchanged one costs no SQL, also for clients without
/// an ETag.
final class HistoryCache: Sendable {
  /// Which part of which chat, as whom.
  struct Key: Hashable {
    let chatID: Int64
    let person: PersonID
    let limit: Int
    let beforeID: Int64?
    let afterID: Int64?
  }

  /// A reply without its last brace and its cursor.
  struct Entry {
    /// Of the chat, before the history was read.
    let revision: UInt64?
    /// The newest message of the history; 0 if there is none.
    let newestMessageID: Int64
    let etag: String
    let body: [UInt8]
  }

  private static let mostBytes = 16_777_216

  private struct State {
    var entries: [Key: Entry] = [:]
    var bytes = 0
  }

  private let state = Lock(State())

  /// The history, if the chat has not changed since.
  func entry(_ key: Key, revision: UInt64?) -> Entry? {
    state.withLock { state in
      guard let entry = state.entries[key], entry.revision == revision else { return nil }
      return entry
    }
  }

  /// Keeps a history.
  func insert(_ key: Key, _ entry: Entry) {
    state.withLock { state in
      if let earlier = state.entries[key] { state.bytes -= earlier.body.count }
      if state.bytes + entry.body.count > Self.mostBytes {
        // What is in use comes back with its next poll.
        state = State()
      }
      state.entries[key] = entry
      state.bytes += entry.body.count
    }
  }
}
