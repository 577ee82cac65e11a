import Chat
import Dispatch
import FastCGI
import Threads

/// A few threads for requests that compute bcrypt, so that log-ins cannot hold up the chat.
///
/// One check takes about 50 ms of a core; what does not fit in the queue is refused at once.
final class PasswordQueue: Sendable {
  private static let longestQueue = 32

  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var isStopping = false
  }

  private let state = Lock(State())
  private let available = DispatchSemaphore(value: 0)
  private let threads = Lock<[WorkerThread]>([])

  init(threads count: Int) {
    threads.withLock { threads in
      for _ in 0..<count { threads.append(WorkerThread { [self] in run() }) }
    }
  }

  /// Runs the job soon on one of the threads.
  ///
  /// - Throws: `tooManyRequests` if too many wait.
  func add(_ job: @escaping @Sendable () -> Void) throws(Failure) {
    let isAccepted = state.withLock { state in
      if state.isStopping || state.jobs.count >= Self.longestQueue { return false }
      state.jobs.append(job)
      return true
    }
    guard isAccepted else {
      throw Failure(
        .tooManyRequests, "Too many people are logging in. Please try again.", retryAfter: 2)
    }
    available.signal()
  }

  /// Finishes what waits and ends the threads.
  func stop() {
    state.withLock { $0.isStopping = true }
    let threads = threads.withLock { $0 }
    for _ in threads { available.signal() }
    for thread in threads { thread.join() }
  }

  private func run() {
    while true {
      available.wait()
      let job = state.withLock { state in state.jobs.isEmpty ? nil : state.jobs.removeFirst() }
      guard let job else { return }
      job()
    }
  }
}
