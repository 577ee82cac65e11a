import Testing

@testable import Chat

/// Delivery against a model of the database: ids are drawn early, become visible at the commit, in any
/// order or never; within a chat they become visible in order, since writers hold the chat's lock.
@Suite struct DeliveryTests {
  @Test(arguments: 0..<300) func everyReaderGetsEveryEventOnceAndInOrder(seed: Int) {
    var world = World(seed: UInt64(seed))
    for _ in 0..<400 { world.step() }
    world.finish()
    for (number, reader) in world.readers.enumerated() {
      #expect(reader.got.count == Set(reader.got).count, "reader \(number): doubled")
      let missed = world.committed.filter { $0 > reader.startedAt.highest }
        .filter { !reader.got.contains($0) }
      #expect(missed.isEmpty, "reader \(number): lost")
      for chat in Int64(1)...3 {
        let ofChat = reader.got.filter { world.chatOf[$0] == chat }
        #expect(ofChat == ofChat.sorted(), "reader \(number): reordered")
      }
      #expect(Set(reader.got).isSubset(of: world.committed), "reader \(number): phantom")
    }
  }

  /// What the test above is worth: the usual cursor loses events in the same world.
  @Test func aPlainHighestIdLosesEvents() {
    var lost = 0
    for seed in 0..<50 {
      var world = World(seed: UInt64(seed))
      var highest: Int64 = 0
      var got: Set<Int64> = []
      for _ in 0..<400 {
        world.step()
        for id in world.committed where id > highest { got.insert(id) }
        highest = max(highest, got.max() ?? 0)
      }
      lost += world.committed.subtracting(got).count
    }
    #expect(lost > 0)
  }

  private struct Transaction {
    var ids: [Int64]
    let chat: Int64
  }

  private struct Process {
    var tail = EventTail(EventPosition(), longestTransaction: 1_000, now: 0)
    var buffer = EventBuffer(capacity: 4)
  }

  private struct Reader {
    var cursor: Cursor
    let startedAt: EventPosition
    var got: [Int64] = []
  }

  private struct World {
    var random: SeededGenerator
    var nextID: Int64 = 1
    var open: [Transaction] = []
    var committed: Set<Int64> = []
    var chatOf: [Int64: Int64] = [:]
    var processes = [Process(), Process()]
    var readers: [Reader] = []
    var now: Int64 = 0

    init(seed: UInt64) {
      random = SeededGenerator(seed: seed)
      readers = (0..<3).map { _ in
        Reader(cursor: Cursor(EventPosition()), startedAt: EventPosition())
      }
    }

    mutating func step() {
      if Int.random(in: 0..<50, using: &random) == 0 {
        restart(Int.random(in: 0...1, using: &random))
      }
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2: draw()
      case 3...4: end(commits: true)
      case 5: end(commits: Bool.random(using: &random))
      case 6...7: read(Int.random(in: 0...1, using: &random))
      default:
        poll(
          Int.random(in: 0..<readers.count, using: &random),
          process: Int.random(in: 0...1, using: &random))
      }
    }

    /// One at a time holds a chat's lock, and only its holder draws ids.
    mutating func draw() {
      let chat = Int64.random(in: 1...3, using: &random)
      chatOf[nextID] = chat
      if let index = open.firstIndex(where: { $0.chat == chat }) {
        open[index].ids.append(nextID)
      } else {
        open.append(Transaction(ids: [nextID], chat: chat))
      }
      nextID += Int64.random(in: 1...2, using: &random)
    }

    mutating func end(commits: Bool) {
      guard !open.isEmpty else { return }
      let transaction = open.remove(at: Int.random(in: 0..<open.count, using: &random))
      if commits { committed.formUnion(transaction.ids) }
    }

    mutating func read(_ index: Int) {
      now += 1
      let position = processes[index].tail.position
      let visible = committed.filter { !position.contains($0) }.sorted()
      for id in processes[index].tail.observe(visible, now: now) {
        processes[index].buffer.append(event(id))
      }
    }

    /// A start reads which ids there are, and holds the newest events only.
    mutating func restart(_ index: Int) {
      let visible = committed.sorted()
      var position = EventPosition()
      for id in visible { position.insert(id) }
      let held = visible.suffix(3)
      processes[index] = Process(
        tail: EventTail(position, longestTransaction: 1_000, now: now),
        buffer: EventBuffer(
          capacity: 4, dropped: position.limited(to: (held.first ?? 1) - 1)))
      for id in held { processes[index].buffer.append(event(id)) }
    }

    func event(_ id: Int64) -> ChatEvent {
      ChatEvent(id: id, chatID: chatOf[id] ?? 0, createdAt: "", change: .started(.open))
    }

    mutating func poll(_ reader: Int, process: Int) {
      var cursor = readers[reader].cursor
      let seen = processes[process].tail.position
      let buffer = processes[process].buffer
      if !buffer.reaches(cursor.position) {
        // From the log up to where memory begins.
        let past = committed.filter { $0 <= buffer.floor && seen.contains($0) }
        readers[reader].got += past.filter { !cursor.position.contains($0) }.sorted()
        cursor.position.formUnion(seen.limited(to: buffer.floor))
      }
      #expect(buffer.reaches(cursor.position))
      readers[reader].got += buffer.unseen(cursor.position).map(\.id)
      readers[reader].cursor.position.formUnion(seen)
      // As it travels to the client and back.
      readers[reader].cursor = Cursor(readers[reader].cursor.description) ?? cursor
    }

    mutating func finish() {
      while !open.isEmpty { end(commits: true) }
      for process in 0...1 {
        read(process)
        for reader in readers.indices { poll(reader, process: process) }
      }
    }
  }
}
