/// The newest events in memory, by rising id.
public struct EventBuffer: Sendable {
  private var events: [ChatEvent] = []
  private let capacity: Int
  /// What has been seen and is not held.
  private var dropped: EventPosition

  /// Ids up to this one may not be held.
  public var floor: Int64 { dropped.highest }

  /// Holds so many events at least and twice as many at most; what was seen before is not held.
  public init(capacity: Int, dropped: EventPosition = EventPosition()) {
    self.capacity = capacity
    self.dropped = dropped
    self.dropped.boundMissing(to: EventTail.mostMissing)
  }

  /// Takes an event; one that became visible late finds its place.
  public mutating func append(_ event: ChatEvent) {
    if let last = events.last, last.id > event.id {
      events.insert(event, at: index(above: event.id))
    } else {
      events.append(event)
    }
    if events.count > capacity * 2 {
      let surplus = events.count - capacity
      for event in events.prefix(surplus) { dropped.insert(event.id) }
      dropped.boundMissing(to: EventTail.mostMissing)
      events.removeFirst(surplus)
    }
  }

  /// Whether all that a client with this position lacks is held.
  ///
  /// An id that nobody has seen, far below the events held, needs no memory: it may belong to a
  /// transaction that was rolled back before the program started.
  public func reaches(_ position: EventPosition) -> Bool {
    position.highest >= floor
      && position.missing.allSatisfy { range in
        range.lowerBound > floor
          || dropped.isMissing(range.lowerBound...min(range.upperBound, floor))
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
