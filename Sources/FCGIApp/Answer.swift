import Chat
import FastCGI
import MySQLStore

/// The answer of a request, given now or later; it is logged when it is given.
struct Answer: Sendable {
  let log: RequestLog
  let responder: Responder

  /// Answers with what the body makes, or with what it throws.
  ///
  /// - Parameter orLater: what to do if the body has no answer yet.
  func respond(_ body: () throws -> Response?, orLater: () -> Void = {}) {
    let response: Response
    do {
      guard let made = try body() else { return orLater() }
      response = made
    } catch let failure as Failure {
      response = Reply.failure(failure)
    } catch let error as DatabaseError where error.isUnavailable {
      log.report(error)
      response = Reply.failure(
        Failure(
          .unavailable, "The database cannot be reached for a moment. Please try again.",
          retryAfter: 2))
    } catch {
      log.report(error)
      response = Reply.internalError(requestID: log.id)
    }
    log.answer(response, responder)
  }
}
