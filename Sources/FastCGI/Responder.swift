import Threads

/// The right to answer one request, once, from any thread, now or later.
///
/// It owns the request's record until then. Whoever drops it without an answer has a fault: the
/// client gets status 500, so that it never hangs.
public final class Responder: Sendable {
  private let record: Lock<RequestRecord?>
  private let finish: @Sendable (RequestRecord, Response) -> Void

  init(
    _ record: RequestRecord, finish: @escaping @Sendable (RequestRecord, Response) -> Void
  ) {
    self.record = Lock(record)
    self.finish = finish
  }

  /// Answers the request.
  ///
  /// A second answer stops the program: two endpoints would write into one connection.
  public func respond(_ response: Response) {
    guard let record = take() else { preconditionFailure("a request was answered twice") }
    finish(record, response)
  }

  private func take() -> RequestRecord? {
    record.withLock { record in
      defer { record = nil }
      return record
    }
  }

  deinit {
    if let record = take() { finish(record, Response(status: 500)) }
  }
}
