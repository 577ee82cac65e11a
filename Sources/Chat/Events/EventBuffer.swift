/// The newest events in memory, by rising id.
public struct EventBuffer: Sendable {
  private var events: [ChatEvent] = []
  private let capacity: Int
  /// Ids up to this one may not be held.
  public private(set) var floor: Int64

  /// Holds so many events at least and twice as many at most.
  public init(capacity: Int, floor: Int64) {
    self.capacity = capacity
    self.floor = floor
  }

  /// Takes an event; one that became visible late finds its place.
  public mutating func append(_ event: ChatEvent) {
    if let last = events.last, last.id > event.id {
      events.insert(event, at: index(above: event.id))
    } else {
      events.append(event)
    }
    if events.count > capacity * 2 {
      floor = max(floor, events[events.count - capacity - 1].id)
      events.removeFirst(events.count - capacity)
    }
  }

  /// Whether all that has been seen and that a client with this position lacks is held.
  ///
  /// What nobody has seen yet needs no memory: after a start the feed waits for ids far below the
  /// events it holds, and so do the cursors it gives out.
  public func reaches(_ position: EventPosition, of seen: EventPosition) -> Bool {
    position.highest >= floor
      && position.missing.allSatisfy { range in
        range.lowerBound > floor || seen.isMissing(range.lowerBound...min(range.upperBound, floor))
      }
  }

  /// The events that a client with this position has not seen, in the order of their ids.
  public func unseen(_ position: EventPosition) -> [ChatEvent] {
    var unseen: [ChatEvent] = []
    for range in position.missing {
      var next = index(above: range.lowerBound - 1)
      while next < events.count, events[next].id <= range.upperBound {
        unseen.append(events[next])
        next += 1
      }
    }
    return unseen + events[index(above: position.highest)...]
  }

  /// The event with this id, if it is held.
  public func event(_ id: Int64) -> ChatEvent? {
    let place = index(above: id - 1)
    return place < events.count && events[place].id == id ? events[place] : nil
  }

  /// The ids of a chat's events.
  public func ids(ofChat chatID: Int64) -> [Int64] {
    events.lazy.filter { $0.chatID == chatID }.map(\.id)
  }

  /// The place of the first event with a higher id.
  private func index(above id: Int64) -> Int {
    var low = 0
    var high = events.count
    while low < high {
      let middle = (low + high) / 2
      if events[middle].id > id { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
