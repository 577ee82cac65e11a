import Chat
import Dispatch
import Logging
import MySQLStore
import Synchronization
import Threads

/// Live updates of one process: a feed that reads the log's end once for all, what it knows of the
/// chats, and the requests that wait.
///
/// The files beside this one add what the endpoints ask: `Feed` (reading the log), `LiveUnread`,
/// `LiveNotifications`, `LiveUpdates` (polls and waiting), `Upkeep`.
final class Live: Sendable {
  /// Seconds between two readings of the log while nobody of this process writes.
  static let tick = 0.2

  let store: Store
  let settings: Settings
  let faults: FaultLog
  let presence = PresenceTracker()
  let deliveries = DeliveryTracker()
  let histories = HistoryCache()

  /// `nil` until the log was read for the first time.
  let state = Lock<LiveState?>(nil)
  /// One reading of the log at a time; with the number of own writes that the last one covers.
  let tailing = Lock(Tailing())
  /// Writes that requests of this process have committed.
  let writes = Atomic<UInt64>(0)
  /// A write of its own, or the end of the program.
  let wake = DispatchSemaphore(value: 0)
  let isStopping = Atomic<Bool>(false)
  let isServing = Atomic<Bool>(false)
  let lastWaiter = Atomic<UInt64>(0)
  /// Answers of requests that waited: their clients' sockets must not hold up the feed.
  let answering = (0..<3).map { DispatchQueue(label: "answers \($0)") }
  private let threads = Lock<[WorkerThread]>([])

  struct Tailing {
    var coveredWrites: UInt64 = 0
    /// A clock that stands still while the log cannot be read, so that no gap is given up unseen.
    var clock = 0.0
    var readAt = Live.now()
  }

  init(store: Store, settings: Settings, logger: Logger) {
    self.store = store
    self.settings = settings
    faults = FaultLog(logger)
  }

  /// Starts the feed and the upkeep of a process that serves until ``stop()``.
  ///
  /// - Throws: `DatabaseError` if the log cannot be read.
  func start() throws {
    try prepare()
    isServing.store(true, ordering: .sequentiallyConsistent)
    threads.withLock { threads in
      threads.append(WorkerThread { [self] in followLog() })
      threads.append(WorkerThread { [self] in keepUp() })
    }
  }

  /// Answers all that wait, with nothing, and ends the threads.
  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    wake.signal()
    for waiter in state.withLock({ $0?.waiters.removeAll() ?? [] }) { answerLater(waiter) }
  }

  /// Waits for the end of the threads and of the answers.
  func join() {
    for thread in threads.withLock({ $0 }) { thread.join() }
    for queue in answering { queue.sync {} }
  }

  /// Seconds of a clock that only goes forward.
  static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
