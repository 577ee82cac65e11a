import Chat
import FastCGI
import MySQLStore

/// What a client asks of the updates.
struct UpdatesQuery: Sendable {
  let person: PersonID
  /// Only this chat's events.
  let chatID: Int64?
  /// Seconds to wait for an event.
  let wait: Double
  /// Whether the client's page is out of sight.
  let isHidden: Bool

  /// Whether the client gets the event: it may, it asked for that chat, and has not had it.
  ///
  /// Presence belongs to no chat.
  func wants(_ event: ChatEvent, _ participants: Participants?, after cursor: Cursor) -> Bool {
    if let chatID, event.chatID != chatID, event.chatID != 0 { return false }
    return Policy.maySee(event, participants, person) && !cursor.covers(event)
  }
}

/// Polls, and requests that wait.
extension Live {
  /// The answer, or `nil` if it comes later.
  ///
  /// - Parameter cursor: where the client goes on; `nil` for "from now".
  /// - Throws: `unavailable` if too many requests wait, `DatabaseError`.
  func updates(
    _ query: UpdatesQuery, after cursor: Cursor?, _ answer: Answer,
    isStillValid: @escaping @Sendable () -> Bool
  ) throws -> Response? {
    try refresh()
    guard let cursor else { return try reply(fromNow(), query) }
    if cursor.position.highest > (try position()).highest {
      // Another process was faster; or the database was set back and the cursor is of no use.
      try readNow()
      if cursor.position.highest > (try position()).highest {
        return try reply(nil, query)
      }
    }
    let poll = try fromMemory(query, cursor) ?? fromLog(query, cursor)
    if let poll, poll.events.isEmpty, mayWait(query, answer) {
      try wait(query, poll.cursor, answer, isStillValid)
      return nil
    }
    return try reply(poll, query)
  }

  /// Somebody made a request.
  func see(_ person: PersonID) { presence.see(person, now: Self.now()) }

  /// Whether the person may see the chat: from memory, or else from the database.
  func maySee(_ chatID: Int64, _ person: PersonID) throws -> Bool {
    if state.withLock({ $0?.chat(chatID, for: person) }) != nil { return true }
    guard let chat = try store.chatState(chatID) else { return false }
    state.withLock { $0?.learn(chatID, chat) }
    return chat.participants.include(person)
  }

  /// The chat, if the person may see it, and what the feed has seen.
  func chat(_ chatID: Int64, for person: PersonID) -> (ChatState, EventPosition)? {
    state.withLock { state in
      guard let state, let chat = state.chat(chatID, for: person) else { return nil }
      return (chat, state.tail.position)
    }
  }

  /// All that this process has committed, and in plain CGI all there is.
  func refresh() throws {
    try prepare()
    if isServing.load(ordering: .relaxed) { try catchUp() } else { try readNow() }
  }

  /// What the feed has seen.
  ///
  /// - Throws: `unavailable` before the log was read.
  func position() throws -> EventPosition {
    guard let position = state.withLock({ $0?.tail.position }) else {
      throw Failure(.unavailable, "The program is starting.", retryAfter: 1)
    }
    return position
  }

  private func mayWait(_ query: UpdatesQuery, _ answer: Answer) -> Bool {
    query.wait > 0 && answer.responder.mayWait && !isStopping.load(ordering: .relaxed)
  }

  /// Nothing, and a cursor for all that comes.
  private func fromNow() throws -> LiveState.Poll {
    LiveState.Poll(events: [], participants: [:], cursor: Cursor(try position()))
  }

  /// What the cursor has not seen; `nil` if memory does not reach that far.
  private func fromMemory(_ query: UpdatesQuery, _ cursor: Cursor) -> LiveState.Poll? {
    state.withLock { $0?.poll(cursor, for: query) }
  }

  /// What a cursor that is older than memory has not seen: from the log up to where memory begins, and
  /// from there on from memory, which alone has what somebody types at the moment; `nil` if the cursor
  /// is older than the log.
  private func fromLog(_ query: UpdatesQuery, _ cursor: Cursor) throws -> LiveState.Poll? {
    let oldest = try store.oldestEventID() ?? 0
    let first = (cursor.position.missing.first?.lowerBound ?? cursor.position.highest + 1) - 1
    guard first + 1 >= oldest else { return nil }
    guard let (seen, floor) = state.withLock({ $0.map { ($0.tail.position, $0.buffer.floor) } })
    else { return nil }
    let logged = try store.pastEvents(
      above: first, upTo: floor, for: query.person, limit: LiveState.mostEvents)
    var poll = LiveState.Poll(events: [], participants: [:], cursor: cursor)
    for each in logged {
      guard let event = each.event, seen.contains(event.id),
        query.wants(event, each.participants, after: cursor)
      else { continue }
      poll.events.append(event)
      poll.participants[event.chatID] = each.participants
    }
    if logged.count == LiveState.mostEvents, let last = logged.last {
      poll.cursor.position.formUnion(seen.limited(to: last.id))
      return poll
    }
    poll.cursor.position.formUnion(seen.limited(to: floor))
    guard let rest = fromMemory(query, poll.cursor) else { return poll }
    poll.events += rest.events
    poll.participants.merge(rest.participants) { _, now in now }
    poll.cursor = rest.cursor
    return poll
  }

  /// Parks the request until its events come, its time is up or its client leaves.
  private func wait(
    _ query: UpdatesQuery, _ cursor: Cursor, _ answer: Answer,
    _ isStillValid: @escaping @Sendable () -> Bool
  ) throws {
    let waiter = Waiter(
      id: lastWaiter.wrappingAdd(1, ordering: .relaxed).newValue, query: query, cursor: cursor,
      deadline: Self.now() + query.wait, answer: answer, isStillValid: isStillValid)
    if state.withLock({ ($0?.waiters.count ?? 0) >= settings.mostWaiting }) {
      throw Failure(
        .unavailable, "Too many clients wait at once. Please poll without waiting.", retryAfter: 2)
    }
    // Before anybody else can answer it.
    answer.responder.onHangUp { [self] in
      waiter.leave()
      state.withLock { state in _ = state?.waiters.remove(waiter) }
    }
    park(waiter)
  }

  /// Lets a request wait on, unless there is something for it by now.
  private func park(_ waiter: Waiter) {
    var replaced: Waiter?
    let isParked = state.withLock { state -> Bool in
      if waiter.isGone { return true }
      if isStopping.load(ordering: .relaxed) { return false }
      let poll = state?.poll(waiter.cursor, for: waiter.query)
      guard let poll, poll.events.isEmpty else { return false }
      replaced = state?.waiters.insert(waiter)
      return true
    }
    if let replaced { answerLater(replaced, isFinal: true) }
    if !isParked { answerLater(waiter) }
  }

  /// Answers a request that waited, on a thread of its own.
  ///
  /// - Parameter isFinal: true to answer also with nothing.
  func answerLater(_ waiter: Waiter, isFinal: Bool = false) {
    answering[Int(waiter.id % UInt64(answering.count))].async { [self] in
      answerNow(waiter, isFinal: isFinal)
    }
  }

  private func answerNow(_ waiter: Waiter, isFinal: Bool) {
    if waiter.isGone { return }
    waiter.answer.respond {
      guard waiter.isStillValid() else {
        throw Failure(.unauthenticated, "Please log in again.")
      }
      let isFinal =
        isFinal || Self.now() >= waiter.deadline || isStopping.load(ordering: .relaxed)
      let held = fromMemory(waiter.query, waiter.cursor)
      if let held, held.events.isEmpty, !isFinal { return nil }
      return try reply(held ?? fromLog(waiter.query, waiter.cursor), waiter.query)
    } orLater: {
      park(waiter)
    }
  }

  /// Notes what arrives at a participant's client.
  private func note(_ poll: LiveState.Poll, _ person: PersonID) {
    for event in poll.events {
      guard case .message(let message) = event.change,
        let participants = poll.participants[event.chatID]
      else { continue }
      noteDelivery(of: message, participants, to: person)
    }
  }

  /// Notes that a message arrived; an admin who only looks on is no recipient.
  func noteDelivery(of message: Message, _ participants: Participants, to person: PersonID) {
    if message.isWritten(by: person) { return }
    if person.role == .admin, participants.adminID != person.number { return }
    deliveries.note(message.chatID, person, upTo: message.id)
  }

  /// - Parameter found: `nil` if the cursor is of no use, so that the client begins anew.
  private func reply(_ found: LiveState.Poll?, _ query: UpdatesQuery) throws -> Response {
    let poll = try found ?? fromNow()
    note(poll, query.person)
    let unread = try unreadTotal(query.person)
    let notifications = try unreadNotifications(query.person)
    let pause = nextPoll(poll.events, query)
    return Reply.success { writer in
      writer.field("cursor", poll.cursor.description)
      writer.field("reset", found == nil)
      writer.field("events", array: poll.events) { writer, event in
        writer.fields(of: event, poll.participants[event.chatID], for: query.person)
      }
      writer.field("unread") { writer in
        writer.field("total", unread.values.reduce(0, +))
        writer.field("chats", numbers: unread)
      }
      writer.field("notifications") { writer in writer.field("unread", notifications) }
      writer.field("next_poll_ms", pause)
    }
  }

  /// When a client that does not wait should come again, in milliseconds.
  private func nextPoll(_ events: [ChatEvent], _ query: UpdatesQuery) -> Int64 {
    if query.isHidden { return 60_000 }
    let isLively =
      events.contains { event in
        switch event.change {
        case .message, .typing: true
        default: false
        }
      }
      || query.chatID.map { id in state.withLock { $0?.isActive(id, now: Self.now()) ?? false } }
        ?? false
    if isLively { return 1_500 }
    return query.chatID == nil ? 20_000 : 4_000
  }
}
