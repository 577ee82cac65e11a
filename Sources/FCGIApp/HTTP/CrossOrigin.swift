import Chat
import FastCGI

/// Keeps other sites' pages from changing anything in a visitor's name.
enum CrossOrigin {
  /// Refuses a request that a page of another origin sent.
  ///
  /// Browsers send `Sec-Fetch-Site` (Fetch Metadata, 2.1) or at least `Origin` (RFC 6454, 7) with
  /// every POST; programs such as curl send neither and have no visitor's cookies either.
  ///
  /// - Throws: `forbidden`.
  static func refuse(_ request: Request) throws(Failure) {
    let refusal = Failure(.forbidden, "This request came from another site.")
    if let site = request.parameters["HTTP_SEC_FETCH_SITE"], site != "same-origin", site != "none" {
      throw refusal
    }
    guard let origin = request.parameters["HTTP_ORIGIN"] else { return }
    guard let host = request.parameters["HTTP_HOST"],
      let schemeEnd = origin.range(of: "://"),
      origin[schemeEnd.upperBound...].lowercased() == withoutDefaultPort(host, of: origin)
    else { throw refusal }
  }

  /// An origin never names its scheme's own port (WHATWG URL, 4.1), a Host header may.
  private static func withoutDefaultPort(_ host: String, of origin: String) -> String {
    let port = origin.hasPrefix("https:") ? ":443" : ":80"
    return (host.hasSuffix(port) ? String(host.dropLast(port.count)) : host).lowercased()
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) {
        return index..<self.index(index, offsetBy: text.count)
      }
      index = self.index(after: index)
    }
    return nil
  }
}
