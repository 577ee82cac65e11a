import Threads

/// The right to answer one request, once, from any thread, now or later.
///
/// It owns the request's record until then. Whoever drops it without an answer has a fault: the
/// client gets status 500, so that it never hangs.
public final class Responder: Sendable {
  /// Ends the request; without a response the client has left.
  typealias Finish = @Sendable (RequestRecord, Response?) -> Void
  /// Watches the connection until the request is ended.
  typealias Watch = @Sendable (@escaping @Sendable () -> Void) -> Void

  private struct State {
    var record: RequestRecord?
    var isAbandoned = false
  }

  private let state: Lock<State>
  private let finish: Finish
  private let watch: Watch?

  /// - Parameter watch: `nil` where nothing tells that a client leaves.
  init(_ record: RequestRecord, watch: Watch?, finish: @escaping Finish) {
    state = Lock(State(record: record))
    self.watch = watch
    self.finish = finish
  }

  /// Whether the answer may be given later: not in plain CGI, where a process serves one request.
  public var mayWait: Bool { watch != nil }

  /// Calls the body, once and on some worker thread, if the client leaves before the answer.
  ///
  /// For a request whose answer will take its time; at most once for each.
  public func onHangUp(_ body: @escaping @Sendable () -> Void) { watch?(body) }

  /// Ends a request whose client has left; nothing if it was answered meanwhile.
  public func abandon() {
    let record = state.withLock { state in
      if state.record != nil { state.isAbandoned = true }
      return state.record.take()
    }
    if let record { finish(record, nil) }
  }

  /// Answers the request.
  ///
  /// Nothing if the client has left. A second answer stops the program: two endpoints would write into
  /// one connection.
  public func respond(_ response: Response) {
    let record = state.withLock { state in
      precondition(state.record != nil || state.isAbandoned, "a request was answered twice")
      return state.record.take()
    }
    if let record { finish(record, response) }
  }

  deinit {
    if let record = state.withLock({ $0.record.take() }) { finish(record, Response(status: 500)) }
  }
}
