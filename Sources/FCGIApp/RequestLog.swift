import Chat
import FastCGI
import Glibc
import Logging
import Synchronization

/// What is logged of a request: one line, without texts, tokens and passwords.
struct RequestLog: Sendable {
  /// Names the request in the log and in the reply's `X-Request-Id`.
  let id: String
  let method: String
  /// The route's path; of an unknown address nothing is logged.
  var path = "-"
  var actor: PersonID?

  private let logger: Logger
  private let startedAt: Int

  init(_ request: Request, _ logger: Logger) {
    self.logger = logger
    id = Self.nextID()
    method = request.parameters["REQUEST_METHOD"] ?? "-"
    startedAt = Self.nanoseconds()
  }

  private static let process = UInt32.random(in: .min ... .max)
  private static let counter = Atomic<UInt64>(0)

  /// Unique in the logs of many processes; no secret.
  private static func nextID() -> String {
    let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
    return "\(String(process, radix: 16))-\(String(number, radix: 16))"
  }

  /// Sends the answer and logs the request.
  func answer(_ response: Response, _ responder: Responder) {
    var response = response
    response.headers.append((name: "X-Request-Id", value: id))
    let status = response.status
    responder.respond(response)
    let microseconds = (Self.nanoseconds() - startedAt) / 1_000
    logger.info(
      "\(method) \(path) \(status) \(microseconds / 1_000).\(tenths(microseconds)) ms \(actorName) \(id)"
    )
  }

  /// Logs our own fault, with what helps to find it.
  func report(_ error: any Error) {
    logger.error(
      "\(method) \(path) failed",
      metadata: ["request_id": "\(id)", "error": "\(String(reflecting: error))"])
  }

  private var actorName: String {
    guard let actor else { return "-" }
    return "\(actor.role.rawValue):\(actor.number)"
  }

  private func tenths(_ microseconds: Int) -> Int { microseconds % 1_000 / 100 }

  private static func nanoseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }
}
