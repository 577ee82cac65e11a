import Glibc

/// A thread of our own: both C libraries block, which Swift's shared pool must not.
public final class WorkerThread: Sendable {
  private let thread: pthread_t

  /// Starts a thread.
  public init(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(body))
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    precondition(result == 0, "pthread_create: \(String(cString: strerror(result)))")
    self.thread = thread
  }

  /// Waits for its end; once for each thread.
  public func join() { pthread_join(thread, nil) }

  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
