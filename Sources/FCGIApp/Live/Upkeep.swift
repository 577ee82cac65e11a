import Chat
import Dispatch
import Glibc
import MySQLStore

/// What a process does from time to time, beside all requests.
extension Live {
  private static let leaseName = "prune events"

  /// The work of the upkeep's thread.
  func keepUp() {
    var lastRefresh = 0.0
    var lastCheck = 0.0
    var lastPrune = 0.0
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      let now = Self.now()
      faults.attempt("Upkeep of deliveries") { try noteDeliveries() }
      faults.attempt("Upkeep of presence") { try notePresence() }
      if now - lastRefresh >= 2 {
        lastRefresh = now
        faults.attempt("Upkeep of caches") {
          try store.refreshCaches(guestTimeToLive: settings.guestTimeToLive)
        }
      }
      if now - lastCheck >= 5 {
        lastCheck = now
        faults.attempt("Upkeep of absence") { try store.markAway() }
        dismissEnded()
        forgetUnused()
        presence.forgetGone(now: now)
      }
      if now - lastPrune >= 60 {
        lastPrune = now
        faults.attempt("Upkeep of pruning") { try prune() }
      }
      usleep(300_000)
    }
    // Whoever was served last is noted, too.
    faults.attempt("Upkeep of deliveries") { try noteDeliveries() }
  }

  private func noteDeliveries() throws {
    let pending = deliveries.takePending()
    guard !pending.isEmpty else { return }
    do {
      try store.markDelivered(pending)
      noteWrite()
    } catch {
      deliveries.putBack(pending)
      throw error
    }
  }

  private func notePresence() throws {
    let pending = presence.takePending()
    guard !pending.isEmpty else { return }
    do {
      try store.markOnline(pending)
      noteWrite()
    } catch {
      presence.putBack(pending)
      throw error
    }
  }

  /// Answers those who wait with a log-in that has ended.
  private func dismissEnded() {
    let waiters = state.withLock { $0?.waiters.everyone ?? [] }
    for waiter in waiters {
      presence.see(waiter.query.person, now: Self.now())
      guard !waiter.isStillValid() else { continue }
      if state.withLock({ $0?.waiters.remove(waiter) ?? false }) { answerLater(waiter) }
    }
  }

  /// Removes old events in small steps; one process at a time does it.
  private func prune() throws {
    for _ in 0..<200 where !isStopping.load(ordering: .sequentiallyConsistent) {
      guard try store.takeLease(Self.leaseName, seconds: 90),
        try store.pruneEvents(olderThan: settings.eventRetention) == 1_000
      else { return }
      usleep(20_000)
    }
  }
}
