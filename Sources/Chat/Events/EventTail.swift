/// The reader of the log's end, free of I/O: what to ask the log for, and what an answer says.
///
/// It asks for what lies above the highest id seen, and for the ids below it that are missing, since
/// their transactions may still commit. An id that is missing for longer than a transaction may last
/// was rolled back.
public struct EventTail: Sendable {
  /// All that has been seen.
  public private(set) var position: EventPosition
  private let longestTransaction: Int64
  /// The highest id at a time: what is missing below it has been missing since then at least.
  private var marks: [(time: Int64, highest: Int64)] = []

  /// The most missing ids that are asked for: a jump of the counter is not a million rollbacks.
  public static let mostMissing = 500

  /// Starts at a position.
  ///
  /// - Parameters:
  ///   - position: what counts as seen; ids that are missing in it are asked for.
  ///   - longestTransaction: after so many seconds a missing id is taken as rolled back.
  ///   - now: seconds of any clock that only goes forward.
  public init(_ position: EventPosition, longestTransaction: Int64, now: Int64) {
    self.position = position
    self.longestTransaction = longestTransaction
    self.position.boundMissing(to: Self.mostMissing)
    marks.append((time: now, highest: position.highest))
  }

  /// Takes the ids that one reading of the log gave, in rising order.
  ///
  /// - Returns: those that had not been seen.
  @discardableResult
  public mutating func observe(_ ids: [Int64], now: Int64) -> [Int64] {
    let new = ids.filter { !position.contains($0) }
    for id in new { position.insert(id) }
    position.boundMissing(to: Self.mostMissing)
    if let last = marks.last, last.time == now {
      marks[marks.count - 1].highest = position.highest
    } else {
      marks.append((time: now, highest: position.highest))
    }
    while let first = marks.first, now - first.time > longestTransaction {
      position.giveUpMissing(upTo: first.highest)
      marks.removeFirst()
    }
    return new
  }
}
