import Logging
import MySQLStore
import Threads

/// Tells the log of what fails by itself, without anybody's request: once, until it works again.
final class FaultLog: Sendable {
  private let logger: Logger
  private let failing = Lock<Set<String>>([])

  init(_ logger: Logger) { self.logger = logger }

  /// Runs a step that comes again by itself if it fails.
  func attempt(_ step: String, _ body: () throws -> Void) {
    do {
      try body()
      worked(step)
    } catch let error as DatabaseError where error.isUnavailable {
      // The feed tells that the database is away.
      logger.debug("\(step): \(error)")
    } catch {
      failed(step, String(reflecting: error))
    }
  }

  /// The step has failed.
  func failed(_ step: String, _ why: String) {
    if failing.withLock({ $0.insert(step).inserted }) { logger.error("\(step): \(why)") }
  }

  /// The step has worked.
  func worked(_ step: String) {
    if failing.withLock({ $0.remove(step) }) != nil { logger.notice("\(step): works again.") }
  }
}
