import Chat
import FastCGI
import MySQLStore

/// What a client asks of the updates.
struct UpdatesQuery: Sendable {
  let person: PersonID
  /// `nil` for "from now".
  let cursor: Cursor?
  /// Only this chat's events.
  let chatID: Int64?
  /// Seconds to wait for an event.
  let wait: Double
  /// Whether the client's page is out of sight.
  let isHidden: Bool
}

/// Polls, and requests that wait.
extension Live {
  /// The answer, or `nil` if it comes later.
  ///
  /// - Throws: `unavailable` if too many requests wait, `DatabaseError`.
  func updates(
    _ query: UpdatesQuery, _ answer: Answer, isStillValid: @escaping @Sendable () -> Bool
  ) throws -> Response? {
    try refresh()
    guard let cursor = query.cursor else {
      return try reply([], at: Cursor(try position()), query, isReset: false)
    }
    if cursor.position.highest > (try position()).highest {
      // Another process was faster; or the database was set back and the cursor is of no use.
      try readNow()
      if cursor.position.highest > (try position()).highest {
        return try reply([], at: Cursor(try position()), query, isReset: true)
      }
    }
    if let response = try poll(query, cursor, isFinal: !mayWait(query, answer)) { return response }
    try wait(query, cursor, answer, isStillValid)
    return nil
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

  /// The answer for a cursor; `nil` if there is nothing and the client would rather wait.
  private func poll(_ query: UpdatesQuery, _ cursor: Cursor, isFinal: Bool) throws -> Response? {
    let poll = state.withLock { state in
      state?.poll(cursor, for: query.person, chatID: query.chatID)
    }
    guard let poll = try poll ?? past(query, cursor) else {
      return try reply([], at: Cursor(try position()), query, isReset: true)
    }
    if poll.events.isEmpty, !isFinal { return nil }
    note(poll, query.person)
    return try reply(poll.events, at: poll.cursor, query, poll.participants, isReset: false)
  }

  /// Events from the log, for a cursor that is older than memory; `nil` if it is older than the log.
  private func past(_ query: UpdatesQuery, _ cursor: Cursor) throws -> LiveState.Poll? {
    let oldest = try store.oldestEventID() ?? 0
    let first = (cursor.position.missing.first?.lowerBound ?? cursor.position.highest + 1) - 1
    guard first + 1 >= oldest else { return nil }
    let seen = try position()
    let logged = try store.pastEvents(
      above: first, upTo: seen.highest, for: query.person, limit: LiveState.mostEvents)
    var poll = LiveState.Poll(events: [], participants: [:], cursor: cursor)
    for each in logged {
      guard let event = each.event, seen.contains(event.id), !cursor.covers(event),
        query.chatID == nil || query.chatID == event.chatID,
        Policy.maySee(event, each.participants, query.person)
      else { continue }
      poll.events.append(event)
      poll.participants[event.chatID] = each.participants
    }
    if logged.count < LiveState.mostEvents {
      poll.cursor.position.formUnion(seen)
    } else if let last = logged.last {
      poll.cursor.position.formUnion(seen.limited(to: last.id))
    }
    return poll
  }

  /// Parks the request until its events come, its time is up or its client leaves.
  private func wait(
    _ query: UpdatesQuery, _ cursor: Cursor, _ answer: Answer,
    _ isStillValid: @escaping @Sendable () -> Bool
  ) throws {
    let waiter = Waiter(
      id: lastWaiter.wrappingAdd(1, ordering: .relaxed).newValue, person: query.person,
      cursor: cursor, chatID: query.chatID, deadline: Self.now() + query.wait,
      isHidden: query.isHidden, answer: answer, isStillValid: isStillValid)
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
      let poll = state?.poll(waiter.cursor, for: waiter.person, chatID: waiter.chatID)
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
      return try poll(
        UpdatesQuery(
          person: waiter.person, cursor: waiter.cursor, chatID: waiter.chatID, wait: 0,
          isHidden: waiter.isHidden), waiter.cursor, isFinal: isFinal)
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

  private func reply(
    _ events: [ChatEvent], at cursor: Cursor, _ query: UpdatesQuery,
    _ participants: [Int64: Participants] = [:], isReset: Bool
  ) throws -> Response {
    let unread = try unreadTotal(query.person)
    let notifications = try unreadNotifications(query.person)
    let pause = nextPoll(events, query)
    return Reply.success { writer in
      writer.field("cursor", cursor.description)
      writer.field("reset", isReset)
      writer.field("events", array: events) { writer, event in
        writer.fields(of: event, participants[event.chatID], for: query.person)
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
