import CFastCGI
import Dispatch
import Glibc
import Logging
import Threads

/// How a server works.
public struct ServerConfiguration: Sendable {
  /// Threads that read requests and call the handler.
  public var workers: Int
  /// How many of them look for requests at the same time; the others are there for when some of these
  /// wait for something outside (``willBlock()``).
  ///
  /// More of them than the machine has work for only make each request slower.
  public var lookingWorkers: Int
  /// The largest body that reaches the handler, in bytes.
  public var maximumBodyBytes: Int
  /// Seconds a read or write on a connection may take: libfcgi itself has no limit.
  public var socketTimeout: Int
  /// Connections held at once; more wait in the listening socket's queue.
  public var maximumConnections: Int
  /// Seconds that running requests have to finish in when the server stops.
  public var shutdownGrace: Int
  /// Where the server tells what goes wrong with connections.
  public var logger: Logger

  /// Describes a server.
  public init(
    workers: Int, lookingWorkers: Int = 4, maximumBodyBytes: Int, socketTimeout: Int = 2,
    maximumConnections: Int = 16_384,
    shutdownGrace: Int = 10, logger: Logger
  ) {
    self.workers = workers
    self.lookingWorkers = lookingWorkers
    self.maximumBodyBytes = maximumBodyBytes
    self.socketTimeout = socketTimeout
    self.maximumConnections = maximumConnections
    self.shutdownGrace = shutdownGrace
    self.logger = logger
  }
}

/// What is done with a request: called on a worker thread, answers now or hands the responder on.
public typealias Handler = @Sendable (Request, Responder) -> Void

/// A FastCGI server: connections belong to it, the protocol belongs to libfcgi.
///
/// All connections are in one epoll set. A readable one is taken by one worker, which lets libfcgi
/// read a request from it; when the request is answered, the connection goes back into the set. An
/// idle connection thus costs no thread, and a silent peer nothing but a descriptor.
public final class Server: Sendable {
  private struct State {
    /// Open connections and when each came: libfcgi closes a descriptor before we hear of it, and
    /// its number may be another connection's by then.
    var connections: [Int32: UInt64] = [:]
    var accepted: UInt64 = 0
    var idleRecords: [RequestRecord] = []
    /// Whom to tell when the peer of a connection leaves before its request is answered.
    var watches: [Int32: (number: UInt32, body: @Sendable () -> Void)] = [:]
    var lastWatch: UInt32 = 0
    var runningRequests = 0
    var isStopping = false
  }

  private let configuration: ServerConfiguration
  private let listener: Listener
  private let handler: Handler
  private let epoll: Epoll
  private let state = Lock(State())
  private let isIdle = DispatchSemaphore(value: 0)
  private let places: DispatchSemaphore

  /// Makes a server; ``run()`` starts it.
  public init(
    _ configuration: ServerConfiguration, listener: Listener, handler: @escaping Handler
  ) {
    self.configuration = configuration
    self.listener = listener
    self.handler = handler
    epoll = Epoll()
    places = DispatchSemaphore(value: configuration.lookingWorkers)
    Self.initializeLibrary
  }

  /// Once for the process, before its threads.
  private static let initializeLibrary: Void = {
    let result = FCGX_Init()
    precondition(result == 0, "FCGX_Init: \(result)")
  }()

  /// Serves until ``stop()`` is called and what runs is finished; blocks the calling thread, which
  /// accepts the connections.
  public func run() {
    let workers = (0..<configuration.workers).map { _ in WorkerThread { [self] in work() } }
    acceptConnections()
    listener.close()
    for worker in workers { worker.join() }
    let isRunning = state.withLock { $0.runningRequests > 0 }
    let deadline = DispatchTime.now() + .seconds(configuration.shutdownGrace)
    if isRunning, isIdle.wait(timeout: deadline) == .timedOut {
      configuration.logger.warning("Requests were still running when the time to stop was up.")
    }
    for descriptor in state.withLock({ $0.connections.keys }) { close(descriptor) }
  }

  /// Stops accepting and lets ``run()`` return; from any thread.
  public func stop() {
    state.withLock { $0.isStopping = true }
    epoll.wakeAll()
  }

  /// Lets another worker look for requests, because what follows on this thread may wait for a disk or
  /// a server; nothing on other threads than a server's workers.
  public static func willBlock() { WorkerPlace.ofThisThread?.leave() }

  private var isStopping: Bool { state.withLock { $0.isStopping } }

  // MARK: Connections

  private func acceptConnections() {
    while !isStopping {
      guard epoll.waitForConnection(listener.descriptor) else { continue }
      acceptAll()
    }
  }

  private func acceptAll() {
    while true {
      let descriptor = accept_close_on_exec(listener.descriptor)
      if descriptor < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        if errno != EAGAIN {
          // Out of descriptors, most of all: those in use go on, and some will be closed.
          configuration.logger.error("accept: \(String(cString: strerror(errno)))")
          usleep(50_000)
        }
        return
      }
      let isAccepted = state.withLock { state in
        guard state.connections.count < configuration.maximumConnections else { return false }
        state.accepted += 1
        state.connections[descriptor] = state.accepted
        return true
      }
      if isAccepted {
        setTimeouts(descriptor)
        epoll.add(descriptor)
      } else {
        close(descriptor)
      }
    }
  }

  private func setTimeouts(_ descriptor: Int32) {
    var time = timeval(tv_sec: configuration.socketTimeout, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    // These fail for what is no socket only.
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
  }

  // MARK: Requests

  private func work() {
    let place = WorkerPlace(places)
    place.belongsToThisThread()
    defer { place.leave() }
    while true {
      place.take()
      // When stopping, what has already arrived is still answered.
      let isStopping = isStopping
      switch epoll.wait(isStopping: isStopping) {
      case .request(let descriptor): serve(descriptor)
      case .hangUp(let descriptor, let watch): hangUp(descriptor, watch)
      case nil: if isStopping { return }
      }
    }
  }

  private func serve(_ descriptor: Int32) {
    let (idle, number) = state.withLock { state in
      state.runningRequests += 1
      return (state.idleRecords.popLast(), state.connections[descriptor])
    }
    let record = idle ?? RequestRecord()
    guard
      let request = record.read(
        from: descriptor, maximumBodyBytes: configuration.maximumBodyBytes)
    else {
      forget(descriptor, number)
      return end(record)
    }
    let responder = Responder(
      record, watch: { [self] body in watch(descriptor, body) },
      finish: { [self] record, response in
        finish(record, response, descriptor, number)
      })
    handler(request, responder)
  }

  private func finish(
    _ record: RequestRecord, _ response: Response?, _ descriptor: Int32, _ number: UInt64?
  ) {
    // Before the descriptor is closed and may be another connection's.
    state.withLock { $0.watches[descriptor] = nil }
    var kept: Int32?
    if let response {
      kept = record.finish(response, keepsConnection: !isStopping)
    } else {
      record.close()
    }
    if let kept { epoll.rearm(kept) } else { forget(descriptor, number) }
    end(record)
  }

  private func watch(_ descriptor: Int32, _ body: @escaping @Sendable () -> Void) {
    let number = state.withLock { state in
      state.lastWatch = state.lastWatch == .max ? 1 : state.lastWatch + 1
      state.watches[descriptor] = (number: state.lastWatch, body: body)
      return state.lastWatch
    }
    epoll.watch(descriptor, number)
  }

  /// A watch of a request that was answered meanwhile has another number, or is none any more.
  private func hangUp(_ descriptor: Int32, _ number: UInt32) {
    let body = state.withLock { state -> (@Sendable () -> Void)? in
      guard let watch = state.watches[descriptor], watch.number == number else { return nil }
      state.watches[descriptor] = nil
      return watch.body
    }
    body?()
  }

  private func forget(_ descriptor: Int32, _ number: UInt64?) {
    state.withLock { state in
      if state.connections[descriptor] == number { state.connections[descriptor] = nil }
    }
  }

  private func end(_ record: RequestRecord) {
    let isLast = state.withLock { state in
      state.idleRecords.append(record)
      state.runningRequests -= 1
      return state.isStopping && state.runningRequests == 0
    }
    if isLast { isIdle.signal() }
  }
}
