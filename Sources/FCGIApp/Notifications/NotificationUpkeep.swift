import Chat
import Glibc
import Logging
import MySQLStore
import Synchronization
import Threads

/// What happens for messages without anybody's request: mails, escalation, the end of guests.
///
/// One process at a time makes the pass, whichever has the lease; all of them send mails.
final class NotificationUpkeep: Sendable {
  private static let leaseName = "notifications"
  private static let leaseSeconds = 30
  private static let daysKept = 90
  /// Seconds between two looks at what has waited for long.
  private static let waitingEvery = 2.0

  private let store: Store
  private let settings: Settings
  private let live: Live
  private let faults: FaultLog
  private let sender: MailSender
  private let isStopping = Atomic<Bool>(false)
  private let threads = Lock<[WorkerThread]>([])

  init(store: Store, settings: Settings, live: Live, logger: Logger) {
    self.store = store
    self.settings = settings
    self.live = live
    faults = FaultLog(logger)
    sender = MailSender(store: store, settings: settings.notifications, logger: logger)
  }

  /// Starts until ``stop()``.
  func start() {
    threads.withLock { threads in
      threads.append(WorkerThread { [self] in keepUp() })
      threads.append(WorkerThread { [self] in send() })
    }
  }

  /// Ends it after the step under way.
  func stop() { isStopping.store(true, ordering: .sequentiallyConsistent) }

  /// Waits for the end of the threads.
  func join() { for thread in threads.withLock({ $0 }) { thread.join() } }

  private func keepUp() {
    var leaseUntil = 0.0
    var lastTry = -Double.infinity
    var lastLook = -Double.infinity
    var untold: Set<Int64> = []
    var lastPrune = -Double.infinity
    while pause(milliseconds: 500) {
      let now = Live.now()
      // Renewed long before its end; asked for every few seconds by those who do not have it.
      if leaseUntil - now < 20, now - lastTry >= 3 {
        lastTry = now
        faults.attempt("Notifications, lease") {
          guard try store.takeLease(Self.leaseName, seconds: Self.leaseSeconds)
          else { return }
          if leaseUntil < now { untold.formUnion(try store.untoldChats(limit: 10_000)) }
          leaseUntil = now + Double(Self.leaseSeconds)
        }
      }
      let touched = live.takeUntold()
      guard now < leaseUntil else {
        untold = []
        continue
      }
      untold.formUnion(touched)
      faults.attempt("Notifications, messages") { try tell(&untold) }
      guard now - lastLook >= Self.waitingEvery else { continue }
      lastLook = now
      faults.attempt("Notifications, the site's bell") {
        while try store.mirrorNotifications() == Store.mirroredAtOnce,
          !isStopping.load(ordering: .relaxed)
        {}
      }
      faults.attempt("Notifications, escalation") {
        if try store.escalateUnanswered(after: settings.notifications.escalateAfter) > 0 {
          live.noteWrite()
        }
      }
      faults.attempt("Notifications, guests") {
        if try store.closeChatsOfGoneGuests(timeToLive: settings.guestTimeToLive) > 0 {
          live.noteWrite()
        }
      }
      faults.attempt("Notifications, mails") {
        guard try sender.server() != nil else { return }
        _ = try store.queueMails(
          delay: settings.notifications.mailDelay, pause: settings.notifications.mailPause)
      }
      if now - lastPrune >= 3_600 {
        lastPrune = now
        faults.attempt("Notifications, pruning") {
          while try store.pruneNotifications(olderThan: Self.daysKept) > 0,
            !isStopping.load(ordering: .relaxed)
          {}
        }
      }
    }
    faults.attempt("Notifications, lease") { try store.releaseLease(Self.leaseName) }
  }

  /// Tells people of new messages; chats that could not be dealt with stay in the set.
  private func tell(_ chats: inout Set<Int64>) throws {
    if chats.isEmpty { return }
    var failure: (any Error)?
    for chatID in chats.sorted() {
      do {
        while try store.tellOfMessages(in: chatID) {}
        chats.remove(chatID)
      } catch {
        failure = error
      }
    }
    live.noteWrite()
    if let failure { throw failure }
  }

  private func send() {
    while pause(milliseconds: 1_000) {
      faults.attempt("Notifications, sending") {
        try sender.sendDue { isStopping.load(ordering: .sequentiallyConsistent) }
      }
    }
  }

  /// Waits; false at the program's end.
  private func pause(milliseconds: Int) -> Bool {
    for _ in 0..<(milliseconds / 100) {
      if isStopping.load(ordering: .sequentiallyConsistent) { return false }
      usleep(100_000)
    }
    return !isStopping.load(ordering: .sequentiallyConsistent)
  }
}
