import FastCGI

/// Cookies in requests and replies (RFC 6265, 4.1 and 4.2).
enum Cookies {
  /// The value of the first cookie with this name.
  static func value(_ name: String, in request: Request) -> String? {
    guard let header = request.parameters.bytes("HTTP_COOKIE") else { return nil }
    let start = Array("\(name)=".utf8)
    for pair in header.split(separator: UInt8(ascii: ";")) {
      let pair = pair.drop { $0 == UInt8(ascii: " ") }
      guard pair.starts(with: start) else { continue }
      let value = pair.dropFirst(start.count)
      return value.isEmpty ? nil : String(validating: value, as: UTF8.self)
    }
    return nil
  }

  /// A cookie that scripts cannot read and other sites' posts do not carry.
  static func header(
    _ name: String, _ value: String, maximumAge: Int, isSecure: Bool
  ) -> (name: String, value: String) {
    (
      name: "Set-Cookie",
      value: "\(name)=\(value); Path=/; Max-Age=\(maximumAge); HttpOnly; SameSite=Lax"
        + (isSecure ? "; Secure" : "")
    )
  }
}
