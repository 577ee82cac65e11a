import Chat
import FastCGI

/// Makes the replies: always a JSON object with `success` and `error`.
enum Reply {
  /// A good answer with the fields that `body` writes.
  static func success(_ body: (inout JSONWriter) -> Void = { _ in }) -> Response {
    json(status: 200) { writer in
      writer.field("success", true)
      writer.null("error")
      body(&writer)
    }
  }

  /// A good answer with fields that were written before, and more.
  static func success(_ written: [UInt8], _ body: (inout JSONWriter) -> Void) -> Response {
    json(status: 200, capacity: written.count + 256) { writer in
      writer.field("success", true)
      writer.null("error")
      writer.fields(written: written)
      body(&writer)
    }
  }

  /// Fields to be used in several answers.
  static func fields(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(capacity: 4_096)
    body(&writer)
    return writer.bytes
  }

  /// A refusal with its sentence.
  static func failure(_ failure: Failure, _ body: (inout JSONWriter) -> Void = { _ in }) -> Response
  {
    var response = json(status: status(of: failure.code)) { writer in
      writer.field("success", false)
      writer.field("error", failure.sentence)
      body(&writer)
    }
    if let seconds = failure.retryAfter {
      response.headers.append((name: "Retry-After", value: String(seconds)))
    }
    return response
  }

  /// Our own fault: nothing of it is told but where to find it in the log.
  static func internalError(requestID: String) -> Response {
    json(status: 500) { writer in
      writer.field("success", false)
      writer.field("error", "Internal error.")
      writer.field("request_id", requestID)
    }
  }

  /// A method that the path does not have (RFC 9110, 15.5.6).
  static func methodNotAllowed(_ allowed: String) -> Response {
    var response = json(status: 405) { writer in
      writer.field("success", false)
      writer.field("error", "This address takes \(allowed) only.")
    }
    response.headers.append((name: "Allow", value: allowed))
    return response
  }

  private static func json(
    status: Int, capacity: Int = 512, _ body: (inout JSONWriter) -> Void
  ) -> Response {
    var writer = JSONWriter(capacity: capacity)
    writer.object(body)
    return Response(
      status: status,
      headers: [
        (name: "Content-Type", value: "application/json; charset=utf-8"),
        (name: "Cache-Control", value: "no-cache"),
        (name: "X-Content-Type-Options", value: "nosniff"),
      ],
      body: writer.bytes)
  }

  private static func status(of code: Failure.Code) -> Int {
    switch code {
    case .malformed: 400
    case .unauthenticated: 401
    case .forbidden: 403
    case .notFound: 404
    case .conflict: 409
    case .tooLarge: 413
    case .unsupportedMediaType: 415
    case .invalid: 422
    case .tooManyRequests: 429
    case .unavailable: 503
    }
  }
}
