/// Which events of the log somebody has seen: all up to `highest`, but for those that are `missing`.
///
/// Ids are drawn before a transaction commits, so that a lower one can become visible after a higher
/// one. The feed's own place in the log and a client's cursor are both such a position, whichever
/// process made it; what a client still has to get is what the feed has seen and the client has not.
public struct EventPosition: Sendable, Equatable {
  /// The highest event id seen; 0 before the first.
  public private(set) var highest: Int64
  /// Ids below `highest` that are not seen: rising, apart from each other.
  public private(set) var missing: [ClosedRange<Int64>]

  /// Everything up to an id.
  public init(upTo highest: Int64 = 0) {
    self.highest = highest
    missing = []
  }

  /// Everything up to an id but for ranges of ids.
  ///
  /// - Returns: `nil` unless the ranges rise, are apart and lie below `highest`.
  public init?(upTo highest: Int64, missing: [ClosedRange<Int64>]) {
    var last: Int64 = 0
    for range in missing {
      guard range.lowerBound > last, range.upperBound < highest else { return nil }
      last = range.upperBound
    }
    self.highest = highest
    self.missing = missing
  }

  /// Whether the event has been seen.
  public func contains(_ id: Int64) -> Bool {
    id <= highest && !missing.contains { $0.contains(id) }
  }

  /// Whether none of these ids has been seen though higher ones have.
  public func isMissing(_ ids: ClosedRange<Int64>) -> Bool {
    missing.contains { $0.lowerBound <= ids.lowerBound && ids.upperBound <= $0.upperBound }
  }

  /// The ids that are missing, one by one.
  public var missingIDs: [Int64] { missing.flatMap { Array($0) } }

  /// Marks an event as seen; the ids that are passed over go missing.
  public mutating func insert(_ id: Int64) {
    guard id <= highest else {
      if id > highest + 1 { missing.append(highest + 1...id - 1) }
      highest = id
      return
    }
    guard let index = missing.firstIndex(where: { $0.contains(id) }) else { return }
    let range = missing[index]
    var rest: [ClosedRange<Int64>] = []
    if range.lowerBound < id { rest.append(range.lowerBound...id - 1) }
    if range.upperBound > id { rest.append(id + 1...range.upperBound) }
    missing.replaceSubrange(index...index, with: rest)
  }

  /// Marks as seen whatever another position has seen.
  public mutating func formUnion(_ other: EventPosition) {
    let end = max(highest, other.highest)
    missing = Self.common(unseen(to: end), other.unseen(to: end))
    highest = end
    // What neither has seen at the very end is not missing but yet to come.
    if let last = missing.last, last.upperBound == highest {
      missing.removeLast()
      highest = last.lowerBound - 1
    }
  }

  /// The part of this position up to an id.
  public func limited(to id: Int64) -> EventPosition {
    guard id < highest else { return self }
    var part = EventPosition(upTo: id)
    for range in missing where range.lowerBound <= id {
      part.missing.append(range.lowerBound...min(range.upperBound, id))
    }
    if let last = part.missing.last, last.upperBound == id {
      part.missing.removeLast()
      part.highest = last.lowerBound - 1
    }
    return part
  }

  /// Gives up on missing ids: they count as seen.
  public mutating func giveUpMissing(upTo id: Int64) {
    missing = missing.compactMap { range in
      range.upperBound <= id ? nil : max(range.lowerBound, id + 1)...range.upperBound
    }
  }

  /// Gives up on the lowest missing ids until no more than so many are left.
  public mutating func boundMissing(to count: Int) {
    var left = Int64(count)
    for (index, range) in missing.enumerated().reversed() {
      let size = range.upperBound - range.lowerBound + 1
      if size <= left {
        left -= size
        continue
      }
      missing.removeSubrange(..<index)
      if left > 0 {
        missing[0] = range.upperBound - left + 1...range.upperBound
      } else {
        missing.removeFirst()
      }
      return
    }
  }

  private func unseen(to end: Int64) -> [ClosedRange<Int64>] {
    guard end > highest else { return missing }
    return missing + [highest + 1...end]
  }

  private static func common(
    _ left: [ClosedRange<Int64>], _ right: [ClosedRange<Int64>]
  ) -> [ClosedRange<Int64>] {
    var result: [ClosedRange<Int64>] = []
    var first = 0
    var second = 0
    while first < left.count, second < right.count {
      let low = max(left[first].lowerBound, right[second].lowerBound)
      let high = min(left[first].upperBound, right[second].upperBound)
      if low <= high {
        if let last = result.last, last.upperBound + 1 == low {
          result[result.count - 1] = last.lowerBound...high
        } else {
          result.append(low...high)
        }
      }
      if left[first].upperBound < right[second].upperBound { first += 1 } else { second += 1 }
    }
    return result
  }
}
