import Dispatch
import Glibc

/// Plain CGI (RFC 3875): one request from environment and standard input.
///
/// For shared hosting, where nothing may keep running.
public enum CGI {
  /// Whether a web server started the program so, for a single request.
  public static var isCGI: Bool {
    getenv("GATEWAY_INTERFACE") != nil && !ListenAddress.descriptorListens(0)
  }

  /// Serves the one request and returns when it is answered.
  public static func serveOne(
    maximumBodyBytes: Int, _ handler: (Request, Responder) -> Void
  ) {
    let parameters = Parameters(environment: environ)
    let length = parameters["CONTENT_LENGTH"].flatMap { Int($0) } ?? 0
    let isTooLarge = length > maximumBodyBytes
    let body = isTooLarge ? [] : readBody(length)
    let isAnswered = DispatchSemaphore(value: 0)
    let responder = Responder(RequestRecord(), watch: nil) { _, response in
      if let response { write(response.serialized()) }
      isAnswered.signal()
    }
    // A body that ends early is a client that left: nothing is done in its name.
    guard body.count == (isTooLarge ? 0 : length) else {
      return responder.respond(Response(status: 400))
    }
    handler(Request(parameters: parameters, body: body, bodyIsTooLarge: isTooLarge), responder)
    isAnswered.wait()
  }

  private static func readBody(_ length: Int) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: length)
    var count = 0
    while count < length {
      let result = body.withUnsafeMutableBytes { buffer in
        read(0, buffer.baseAddress.map { $0 + count }, length - count)
      }
      if result < 0 && errno == EINTR { continue }
      if result <= 0 { break }
      count += result
    }
    return Array(body[..<count])
  }

  private static func write(_ bytes: [UInt8]) {
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        Glibc.write(1, buffer.baseAddress.map { $0 + count }, bytes.count - count)
      }
      if result < 0 && errno == EINTR { continue }
      if result <= 0 { return }
      count += result
    }
  }
}
