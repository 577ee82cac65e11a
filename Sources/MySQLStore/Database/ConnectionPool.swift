import Dispatch
import Threads

/// Connections that threads share: each is used by one at a time, and none is ever lost.
final class ConnectionPool: Sendable {
  // Unchecked: whoever holds the lease is the connection's only user; the pool's mutex hands it on.
  final class Lease: @unchecked Sendable {
    let connection: Connection
    init(_ connection: Connection) { self.connection = connection }
  }

  private let configuration: DatabaseConfiguration
  private let autocommit: Bool
  private let state = Lock(PoolState<Lease>())
  private let permits = DispatchSemaphore(value: 0)

  init(_ configuration: DatabaseConfiguration, autocommit: Bool) {
    self.configuration = configuration
    self.autocommit = autocommit
    for _ in 0..<configuration.connections { permits.signal() }
  }

  /// Lends a connection to the body and takes it back, whatever happens.
  ///
  /// - Throws: ``DatabaseError`` if none could be had, or what the body throws.
  func withConnection<T>(_ body: (Connection) throws -> T) throws -> T {
    let deadline = DispatchTime.now() + .seconds(configuration.acquireTimeout)
    guard permits.wait(timeout: deadline) == .success else {
      throw DatabaseError(.unavailable, message: "all connections are in use")
    }
    defer { permits.signal() }
    let lease = try takeOrConnect()
    defer { giveBack(lease) }
    return try body(lease.connection)
  }

  private func takeOrConnect() throws -> Lease {
    switch state.withLock({ $0.take(now: Self.now()) }) {
    case .use(let lease): return lease
    case .fail:
      throw DatabaseError(.unavailable, message: "the last attempt to connect failed just now")
    case .connect: break
    }
    do {
      return Lease(try Connection(configuration, autocommit: autocommit))
    } catch let error as DatabaseError where error.kind == .lost {
      state.withLock { $0.connectFailed(now: Self.now()) }
      throw DatabaseError(.unavailable, number: error.number, message: error.message)
    }
  }

  /// A lost connection is closed, and with it all idle ones: what cut one has cut them, too.
  private func giveBack(_ lease: Lease) {
    let discarded = state.withLock { $0.giveBack(lease, isLost: lease.connection.isLost) }
    // Closing talks to the server: outside the lock.
    withExtendedLifetime(discarded) {}
  }

  /// Closes the idle connections.
  func close() {
    let discarded = state.withLock { $0.removeAll() }
    withExtendedLifetime(discarded) {}
  }

  /// How many connections wait to be used.
  var idleConnections: Int { state.withLock { $0.idle.count } }

  private static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
}

/// The pool's decisions, free of I/O and clocks.
struct PoolState<Lease> {
  /// After a failed attempt others fail at once for so many nanoseconds, rather than all waiting.
  static var pauseAfterFailure: UInt64 { 500_000_000 }

  /// What to do for somebody who wants a connection.
  enum Decision {
    /// Use this one.
    case use(Lease)
    /// Open another one.
    case connect
    /// Tell them that there is none for now.
    case fail
  }

  private(set) var idle: [Lease] = []
  private var failedAt: UInt64?

  mutating func take(now: UInt64) -> Decision {
    if let lease = idle.popLast() { return .use(lease) }
    if let failedAt, now < failedAt + Self.pauseAfterFailure { return .fail }
    return .connect
  }

  mutating func connectFailed(now: UInt64) { failedAt = now }

  /// - Returns: what is to be closed.
  mutating func giveBack(_ lease: Lease, isLost: Bool) -> [Lease] {
    if isLost { return removeAll() + [lease] }
    failedAt = nil
    idle.append(lease)
    return []
  }

  mutating func removeAll() -> [Lease] {
    defer { idle = [] }
    return idle
  }
}
