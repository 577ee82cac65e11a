import Chat
import Dispatch
import Glibc
import MySQLStore

/// The feed: reads the end of the log, for everybody.
extension Live {
  private static let eventsAtStart = 2_000
  private static let idsAtStart = 50_000

  /// Reads the log for the first time; nothing if that was done.
  ///
  /// Ids that are missing among the newest may belong to transactions that are still in flight, and
  /// are asked for as any gap is.
  ///
  /// - Throws: `DatabaseError`.
  func prepare() throws {
    try tailing.withLock { tailing in
      if state.withLock({ $0 != nil }) { return }
      // In plain CGI a process serves one request: it reads what that may need.
      let isBrief = !isServing.load(ordering: .relaxed)
      let events = try store.newestEvents(isBrief ? 50 : Self.eventsAtStart)
      let ids = try store.newestEventIDs(
        isBrief ? 1_000 : Self.idsAtStart, upTo: events.last?.id ?? 0)
      let made = LiveState(
        events, ids: ids.reversed(), longestTransaction: Int64(settings.longestTransaction),
        now: Int64(tailing.clock))
      tailing.readAt = Self.now()
      state.withLock { $0 = made }
    }
  }

  /// Notes that a request of this process has committed a change.
  func noteWrite() {
    writes.wrappingAdd(1, ordering: .sequentiallyConsistent)
    wake.signal()
  }

  /// Makes sure that what this process has committed is known; what others have committed is known
  /// within a tick.
  ///
  /// - Throws: `DatabaseError`.
  func catchUp() throws {
    let wanted = writes.load(ordering: .sequentiallyConsistent)
    try tailing.withLock { tailing in
      if tailing.coveredWrites >= wanted { return }
      try readLog(&tailing)
    }
  }

  /// Reads the log now.
  ///
  /// - Throws: `DatabaseError`.
  func readNow() throws { try tailing.withLock { tailing in try readLog(&tailing) } }

  /// The work of the feed's thread.
  func followLog() {
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      _ = wake.wait(timeout: .now() + Self.tick)
      // Many writes at once: one reading for all of them.
      while wake.wait(timeout: .now()) == .success {}
      tailing.withLock { tailing in
        do {
          try readLog(&tailing)
          faults.worked("Following the event log")
        } catch {
          faults.failed("Following the event log", "\(error)")
        }
      }
      answerExpired()
      usleep(10_000)
    }
  }

  private func readLog(_ tailing: inout Tailing) throws {
    let writes = writes.load(ordering: .sequentiallyConsistent)
    var isComplete = false
    while !isComplete {
      guard let position = state.withLock({ $0?.tail.position }) else { return }
      let events = try store.events(above: position.highest, among: position.missingIDs)
      isComplete = events.count < Store.eventsAtOnce
      let now = Self.now()
      // A pause of the database must not look like the end of a long transaction.
      tailing.clock += min(now - tailing.readAt, 1)
      tailing.readAt = now
      let time = Int64(tailing.clock)
      let woken = state.withLock { state in
        state?.apply(events, tailTime: time, now: now) ?? []
      }
      for waiter in woken { answerLater(waiter) }
    }
    tailing.coveredWrites = writes
  }

  private func answerExpired() {
    let now = Self.now()
    for waiter in state.withLock({ $0?.waiters.removeExpired(now: now) ?? [] }) {
      answerLater(waiter)
    }
  }
}
