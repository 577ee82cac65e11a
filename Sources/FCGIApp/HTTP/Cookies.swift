import FastCGI

/// Cookies in requests and replies (RFC 6265, 4.1 and 4.2).
enum Cookies {
  /// The value of the first cookie with this name.
  static func value(_ name: String, in request: Request) -> String? {
    guard let header = request.parameters["HTTP_COOKIE"] else { return nil }
    for pair in header.split(separator: ";") {
      let pair = pair.trimmed()
      guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
      let value = pair[pair.index(after: equals)...]
      return value.isEmpty ? nil : String(value)
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
