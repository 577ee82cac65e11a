import Glibc
import Logging

/// The database: lends connections, repeats what may be repeated.
public final class Database: Sendable {
  private static let mostAttempts = 8

  private let readers: ConnectionPool
  /// Without autocommit: the first statement begins a transaction, which saves a round trip each.
  private let writers: ConnectionPool
  private let logger: Logger
  private let willBlock: @Sendable () -> Void

  /// Connects when a connection is first wanted.
  ///
  /// - Parameter willBlock: called on a thread that is about to wait for the server.
  public init(
    _ configuration: DatabaseConfiguration, logger: Logger,
    willBlock: @escaping @Sendable () -> Void = {}
  ) {
    self.willBlock = willBlock
    readers = ConnectionPool(configuration, autocommit: true)
    writers = ConnectionPool(configuration, autocommit: false)
    self.logger = logger
  }

  /// Lends a connection for reading.
  ///
  /// If it turns out to be lost, the body runs once more on another.
  ///
  /// - Throws: ``DatabaseError``, or what the body throws.
  public func read<T>(_ body: (borrowing DatabaseSession) throws -> T) throws -> T {
    willBlock()
    do {
      return try lend(body)
    } catch let error as DatabaseError where error.kind == .lost {
      logger.debug("Reading again on another connection.", metadata: ["error": "\(error)"])
      return try lend(body)
    }
  }

  private func lend<T>(_ body: (borrowing DatabaseSession) throws -> T) throws -> T {
    try readers.withConnection { connection in
      // A name of its own: lending a temporary makes the optimizer of Swift 6.3.1 fail.
      let session = DatabaseSession(connection)
      return try body(session)
    }
  }

  /// Runs the body in a transaction: commits when it returns, rolls back when it throws.
  ///
  /// The whole of it is repeated when it lost against another transaction, and once when the
  /// connection was lost before COMMIT was sent; so the body must do nothing but talk to the session.
  ///
  /// - Throws: ``DatabaseError``, `outcomeUnknown` if the connection was lost while COMMIT ran; or
  ///   what the body throws.
  @discardableResult
  public func transaction<T>(_ body: (borrowing DatabaseSession) throws -> T) throws -> T {
    willBlock()
    var attempt = 1
    var hasReconnected = false
    while true {
      do {
        return try writers.withConnection { try transaction(on: $0, body) }
      } catch let error as DatabaseError where error.kind == .retryable {
        if attempt == Self.mostAttempts { throw error }
        logger.debug("Repeating a transaction.", metadata: ["error": "\(error)"])
        // Longer each time, and random, so that the same two do not meet again.
        usleep(UInt32.random(in: 500...(1_000 << UInt32(attempt))))
        attempt += 1
      } catch let error as DatabaseError where error.kind == .lost && !hasReconnected {
        hasReconnected = true
      }
    }
  }

  private func transaction<T>(
    on connection: Connection, _ body: (borrowing DatabaseSession) throws -> T
  ) throws -> T {
    let value: T
    do {
      let session = DatabaseSession(connection)
      value = try body(session)
    } catch {
      // Also after 1205, which ends the statement only. The first error is the one that counts.
      try? connection.run("ROLLBACK")
      throw error
    }
    do {
      try connection.run("COMMIT")
    } catch let error as DatabaseError where error.kind == .lost {
      throw DatabaseError(.outcomeUnknown, number: error.number, message: error.message)
    }
    return value
  }

  /// Closes the connections that nobody uses.
  public func close() {
    readers.close()
    writers.close()
  }

  /// How many connections wait to be used.
  var idleConnections: Int { readers.idleConnections + writers.idleConnections }
}
