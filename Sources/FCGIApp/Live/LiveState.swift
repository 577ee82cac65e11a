import Chat
import MySQLStore

/// What a process knows of the chats without asking the database; free of I/O.
struct LiveState {
  /// What a poll gets.
  struct Poll {
    var events: [ChatEvent]
    /// Participants of the events' chats, by chat.
    var participants: [Int64: Participants]
    var cursor: Cursor
  }

  /// The most events of one answer; the client comes again for the rest.
  static let mostEvents = 500

  private(set) var tail: EventTail
  private(set) var buffer: EventBuffer
  private var index = EventIndex()
  private(set) var chats: [Int64: ChatState] = [:]
  /// The newest message of a chat that the feed has brought.
  private var broughtMessageID: [Int64: Int64] = [:]
  /// When somebody last wrote or typed: seconds of the process's clock.
  private var activeAt: [Int64: Double] = [:]
  var unread: [PersonID: UnreadRecord] = [:]
  var notified: [PersonID: NotificationCount] = [:]
  var waiters = Waiters()
  /// Chats with messages that nobody was told of yet, as far as this process knows.
  var untold: Set<Int64> = []
  private var lastRevision: UInt64 = 0
  /// How many batches of events were taken.
  private(set) var batch: UInt64 = 0

  /// Starts with the newest events and with what was there before them.
  ///
  /// - Parameters:
  ///   - events: the newest of the log, by rising id.
  ///   - ids: ids up to the newest event's, by rising id. They were read later: one that is not among
  ///     the events and would stand between them became visible in the meantime, and counts as
  ///     missing still.
  init(_ events: [LoggedEvent], ids: [Int64], longestTransaction: Int64, now: Int64) {
    var position = EventPosition(upTo: (ids.first ?? 1) - 1)
    let floor = (events.first?.id ?? 1) - 1
    for id in ids.prefix(while: { $0 <= floor }) + events.map(\.id) { position.insert(id) }
    tail = EventTail(position, longestTransaction: longestTransaction, now: now)
    buffer = EventBuffer(capacity: 10_000, dropped: position.limited(to: floor))
    for logged in events { take(logged, now: -.infinity) }
  }

  /// Takes a batch of events.
  ///
  /// - Returns: the waiting requests that are to be answered.
  mutating func apply(_ events: [LoggedEvent], tailTime: Int64, now: Double) -> [Waiter] {
    batch += 1
    let new = Set(tail.observe(events.map(\.id), now: tailTime))
    var woken: [Waiter] = []
    for logged in events where new.contains(logged.id) {
      take(logged, now: now)
      guard let event = logged.event else { continue }
      if case .message = event.change { untold.insert(event.chatID) }
      if case .notification(let recipient) = event.change {
        notified[recipient]?.change()
      } else {
        applyToUnread(event, logged)
      }
      woken += waiters.removeInterested(in: event, logged.participants)
    }
    if chats.count > 200_000 { forgetChats() }
    return woken
  }

  private mutating func take(_ logged: LoggedEvent, now: Double) {
    guard let event = logged.event else { return }
    let floor = buffer.floor
    buffer.append(event)
    if buffer.floor > floor { index.forget(upTo: buffer.floor) }
    if let participants = logged.participants { noteParticipants(event.chatID, participants) }
    index.insert(event, logged.participants)
    guard let participants = logged.participants else { return }
    if var chat = chats[event.chatID] {
      chat.participants = participants
      chat.status = logged.status ?? chat.status
      if event.changesHistory { chat.revision = nextRevision() }
      chats[event.chatID] = chat
    } else {
      chats[event.chatID] = ChatState(
        participants: participants, status: logged.status ?? .open,
        revision: event.changesHistory ? nextRevision() : nil)
    }
    switch event.change {
    case .message(let message):
      broughtMessageID[event.chatID] = max(broughtMessageID[event.chatID] ?? 0, message.id)
      activeAt[event.chatID] = now
    case .typing: activeAt[event.chatID] = now
    default: break
    }
  }

  /// Those who come into a chat may see what was said before, too.
  private mutating func noteParticipants(_ chatID: Int64, _ participants: Participants) {
    guard let known = chats[chatID]?.participants, known != participants else { return }
    for person in participants.people where !known.include(person) {
      for id in buffer.ids(ofChat: chatID) { index.insert(id, for: person) }
    }
  }

  private mutating func applyToUnread(_ event: ChatEvent, _ logged: LoggedEvent) {
    guard let participants = logged.participants, !unread.isEmpty else { return }
    for person in unread.keys.filter({ $0.role == .admin }) + participants.people {
      unread[person]?.apply(event, logged.status, for: person, batch: batch)
    }
    if case .assigned(_, let previousID?) = event.change, previousID != participants.workerID {
      unread[PersonID(.worker, previousID)]?.remove(event.chatID)
    }
  }

  /// Keeps the chats whose events are held.
  private mutating func forgetChats() {
    let held = Set(buffer.unseen(EventPosition(upTo: buffer.floor)).map(\.chatID))
    chats = chats.filter { held.contains($0.key) }
    activeAt = activeAt.filter { held.contains($0.key) }
    broughtMessageID = broughtMessageID.filter { held.contains($0.key) }
  }

  /// Takes a chat that was read from the database, unless the feed knows it already.
  mutating func learn(_ chatID: Int64, _ chat: ChatState) {
    if chats[chatID]?.revision != nil { return }
    noteParticipants(chatID, chat.participants)
    chats[chatID] = ChatState(
      participants: chat.participants, status: chat.status, revision: nextRevision())
  }

  private mutating func nextRevision() -> UInt64 {
    lastRevision += 1
    return lastRevision
  }

  /// The chat, if it is known and the person may see it.
  func chat(_ chatID: Int64, for person: PersonID) -> ChatState? {
    guard let chat = chats[chatID], chat.revision != nil, chat.participants.include(person) else {
      return nil
    }
    return chat
  }

  /// The events that the client has not seen; `nil` if memory does not reach that far.
  func poll(_ cursor: Cursor, for query: UpdatesQuery) -> Poll? {
    guard buffer.reaches(cursor.position) else { return nil }
    var poll = Poll(events: [], participants: [:], cursor: cursor)
    if cursor.position != tail.position {
      for event in unseen(cursor.position, by: query.person) {
        let participants = chats[event.chatID]?.participants
        guard query.wants(event, participants, after: cursor) else { continue }
        poll.events.append(event)
        poll.participants[event.chatID] = participants
        if poll.events.count == Self.mostEvents { break }
      }
    }
    advance(
      &poll.cursor, isComplete: poll.events.count < Self.mostEvents, last: poll.events.last?.id)
    return poll
  }

  private func unseen(_ position: EventPosition, by person: PersonID) -> [ChatEvent] {
    if person.role == .admin { return buffer.unseen(position) }
    return index.unseen(position, by: person).compactMap { buffer.event($0) }
  }

  /// Moves a cursor on to what the feed has seen, or to the last event that fitted into an answer.
  func advance(_ cursor: inout Cursor, isComplete: Bool, last: Int64?) {
    if isComplete {
      cursor.position.formUnion(tail.position)
    } else if let last {
      cursor.position.formUnion(tail.position.limited(to: last))
    }
    if let shown = cursor.shown, isComplete,
      broughtMessageID[shown.chatID] ?? 0 >= shown.messageID
    {
      cursor.shown = nil
    }
  }

  /// Whether somebody wrote or typed in one of the chats within the last ten seconds.
  func isActive(_ chatID: Int64, now: Double) -> Bool {
    activeAt[chatID].map { now - $0 < 10 } ?? false
  }
}
