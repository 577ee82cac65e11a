/// An answer, in the form of CGI (RFC 3875, 6).
public struct Response: Sendable {
  /// The HTTP status.
  public var status: Int
  /// The headers, in order.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The octets that the web server gets.
  ///
  /// A line break in a header would let its value write headers of its own: such a header is left
  /// out.
  func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256 + body.count)
    bytes.append(contentsOf: "Status: ".utf8)
    bytes.append(contentsOf: String(status).utf8)
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: Self.reason(status).utf8)
    for header in headers where !Self.hasLineBreak(header.name + header.value) {
      bytes.append(contentsOf: "\r\n".utf8)
      bytes.append(contentsOf: header.name.utf8)
      bytes.append(contentsOf: ": ".utf8)
      bytes.append(contentsOf: header.value.utf8)
    }
    bytes.append(contentsOf: "\r\n\r\n".utf8)
    bytes.append(contentsOf: body)
    return bytes
  }

  private static func hasLineBreak(_ text: String) -> Bool {
    text.utf8.contains { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") || $0 == 0 }
  }

  /// The phrase of a status (RFC 9110, 15).
  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 503: "Service Unavailable"
    default: "Status"
    }
  }
}
