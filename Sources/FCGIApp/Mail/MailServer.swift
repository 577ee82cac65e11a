import CCurl
import Glibc
import MySQLStore

/// A mail server that takes mails by SMTP, through libcurl.
struct MailServer: Sendable {
  /// `smtp://` or `smtps://` with host and port.
  var url: String
  var user: String?
  var password: String?
  /// A file of certificates to trust instead of the system's.
  var certificates: String?
  /// Whether the connection must be encrypted: STARTTLS where the address is `smtp://`.
  var requiresEncryption: Bool
  var from: Mailbox

  /// Why a mail was not taken.
  struct Refusal: Error {
    /// True if the server will never take it.
    let isPermanent: Bool
    /// A sentence for the log and for admins.
    let sentence: String
  }

  private static let isReady = curl_global_initialize() == CURLE_OK

  /// Takes the server's address apart; user and password in it are percent-decoded by libcurl.
  init?(url: String, certificates: String?, from: Mailbox) {
    let schemeEnd = url.hasPrefix("smtps://") ? 8 : 7
    let rest = url.dropFirst(schemeEnd)
    let authority = rest.prefix { $0 != "/" }
    guard !authority.isEmpty else { return nil }
    var host = authority
    if let at = authority.lastIndex(of: "@") {
      host = authority[authority.index(after: at)...]
      let names = authority[..<at].split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = Self.percentDecoded(names[0])
      password = names.count > 1 ? Self.percentDecoded(names[1]) : ""
    }
    self.url = "\(url.prefix(schemeEnd))\(host)"
    self.certificates = certificates
    self.from = from
    // A password never travels in the clear, nor does a mail over a network.
    requiresEncryption = user != nil || !Self.isLoopback(host)
  }

  /// The server of the site's own configuration; `nil` if it has none or has switched it off.
  init?(_ site: SiteMailConfiguration, certificates: String?) {
    guard site.isEnabled, let host = site.host, !host.isEmpty,
      let from = site.fromAddress.flatMap({ Mailbox($0) })
    else { return nil }
    let isImplicit = site.encryption == "ssl"
    url = "\(isImplicit ? "smtps" : "smtp")://\(host):\(site.port ?? (isImplicit ? 465 : 587))"
    user = site.user.flatMap { $0.isEmpty ? nil : $0 }
    password = site.password
    self.certificates = certificates
    requiresEncryption = site.encryption == "tls" || user != nil || !Self.isLoopback(host[...])
    self.from = Mailbox(name: site.fromName ?? "", address: from.address)
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    host.hasPrefix("127.") || host.hasPrefix("localhost") || host.hasPrefix("[::1]")
  }

  private static func percentDecoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Hands a mail over; takes a minute at most.
  ///
  /// - Throws: ``Refusal``.
  func send(_ mail: [UInt8], to recipient: String) throws(Refusal) {
    try withConnection { handle in
      let recipients = curl_slist_append(nil, "<\(recipient)>")
      defer { curl_slist_free_all(recipients) }
      curl_easy_setopt_string(handle, CURLOPT_MAIL_FROM, "<\(from.address)>")
      curl_easy_setopt_list(handle, CURLOPT_MAIL_RCPT, recipients)
      curl_easy_setopt_long(handle, CURLOPT_UPLOAD, 1)
      let source = Source(mail)
      curl_easy_setopt_source(
        handle,
        { buffer, size, count, data in
          guard let buffer, let data else { return 0 }
          return Unmanaged<Source>.fromOpaque(data).takeUnretainedValue()
            .read(into: buffer, size * count)
        }, Unmanaged.passUnretained(source).toOpaque())
      return withExtendedLifetime(source) { curl_easy_perform(handle) }
    }
  }

  /// Asks whether the server is there and lets us in; for `check`.
  ///
  /// - Throws: ``Refusal``.
  func test() throws(Refusal) {
    try withConnection { handle in
      curl_easy_setopt_string(handle, CURLOPT_CUSTOMREQUEST, "NOOP")
      curl_easy_setopt_long(handle, CURLOPT_NOBODY, 1)
      return curl_easy_perform(handle)
    }
  }

  private func withConnection(
    _ body: (UnsafeMutableRawPointer) -> CURLcode
  ) throws(Refusal) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw Refusal(isPermanent: false, sentence: "libcurl cannot be used.")
    }
    defer { curl_easy_cleanup(handle) }
    curl_easy_setopt_string(handle, CURLOPT_URL, url)
    curl_easy_setopt_string(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    curl_easy_setopt_long(
      handle, CURLOPT_USE_SSL,
      Int(requiresEncryption ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
    if let certificates { curl_easy_setopt_string(handle, CURLOPT_CAINFO, certificates) }
    if let user {
      curl_easy_setopt_string(handle, CURLOPT_USERNAME, user)
      curl_easy_setopt_string(handle, CURLOPT_PASSWORD, password ?? "")
    }
    curl_easy_setopt_long(handle, CURLOPT_CONNECTTIMEOUT, 10)
    curl_easy_setopt_long(handle, CURLOPT_TIMEOUT, 60)
    curl_easy_setopt_long(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, 30)
    // Signals belong to the whole program.
    curl_easy_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
    let code = body(handle)
    guard code != CURLE_OK else { return }
    let reply = curl_easy_response_code(handle)
    let said = String(cString: curl_easy_strerror(code))
    // A refused log-in or certificate is the server's or our fault, never this mail's.
    let isPermanent =
      (500..<600).contains(reply)
      && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY)
    throw Refusal(
      isPermanent: isPermanent,
      sentence: reply > 0 ? "\(said) (the server's answer: \(reply))" : said)
  }

  /// What is still to be read of a mail.
  private final class Source {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into buffer: UnsafeMutablePointer<CChar>, _ size: Int) -> Int {
      let part = rest.prefix(size)
      part.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        memcpy(buffer, start, bytes.count)
      }
      rest = rest.dropFirst(part.count)
      return part.count
    }
  }
}
