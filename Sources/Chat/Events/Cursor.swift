/// Where a client goes on in the events: opaque to it, small, and good on every process.
///
/// As text: the highest event id seen; after `.` how far below it an id or a range of ids is
/// missing; after `_` a chat whose history the client has just been shown, and its newest message.
/// `1000.3.9-7_12.345` is "all up to 1000, without 997 and 991 to 993; of chat 12 all messages up to
/// 345".
public struct Cursor: Sendable, Equatable, CustomStringConvertible {
  /// The events the client has seen.
  public var position: EventPosition
  /// Messages that came with a chat's history: their events may still lie ahead.
  public var shown: Shown?

  /// The newest message of a history.
  public struct Shown: Sendable, Equatable {
    /// The chat.
    public let chatID: Int64
    /// Within a chat messages are stored in the order of their ids: all up to this one were shown.
    public let messageID: Int64

    /// Names the newest message shown.
    public init(chatID: Int64, messageID: Int64) {
      self.chatID = chatID
      self.messageID = messageID
    }
  }

  /// The most characters of a cursor.
  public static let longestText = 4_096

  /// Goes on from a position.
  public init(_ position: EventPosition, shown: Shown? = nil) {
    self.position = position
    self.shown = shown
  }

  /// Reads the text form; `nil` for anything that is not one.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.longestText else { return nil }
    let halves = text.split(separator: "_", omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count) else { return nil }
    let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, let highest = Self.number(first) else { return nil }
    var missing: [ClosedRange<Int64>] = []
    for part in parts.dropFirst().reversed() {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard (1...2).contains(ends.count), let far = Self.number(ends[0]),
        let near = ends.count == 2 ? Self.number(ends[1]) : far, far >= near, far < highest
      else { return nil }
      missing.append(highest - far...highest - near)
    }
    guard let position = EventPosition(upTo: highest, missing: missing) else { return nil }
    self.position = position
    if halves.count == 2 {
      let pair = halves[1].split(separator: ".", omittingEmptySubsequences: false)
      guard pair.count == 2, let chatID = Self.number(pair[0]), let message = Self.number(pair[1])
      else { return nil }
      shown = Shown(chatID: chatID, messageID: message)
    }
  }

  /// The text form.
  public var description: String {
    var text = String(position.highest)
    for range in position.missing.reversed() {
      let far = position.highest - range.lowerBound
      let near = position.highest - range.upperBound
      text += far == near ? ".\(near)" : ".\(far)-\(near)"
      // Hundreds of rollbacks in a minute: the oldest are given up rather than refused next time.
      if text.utf8.count > Self.longestText - 64 { break }
    }
    if let shown { text += "_\(shown.chatID).\(shown.messageID)" }
    return text
  }

  /// Whether the client has had the event, be it with a history.
  public func covers(_ event: ChatEvent) -> Bool {
    if position.contains(event.id) { return true }
    guard let shown, shown.chatID == event.chatID, case .message(let message) = event.change
    else { return false }
    return message.id <= shown.messageID
  }

  private static func number(_ digits: Substring) -> Int64? {
    guard (1...18).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int64(digits)
  }
}
