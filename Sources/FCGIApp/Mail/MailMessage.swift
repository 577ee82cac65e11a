import Glibc

/// A mail: its headers, and a body as plain text and as HTML (RFC 5322, RFC 2046, 5.1.4).
struct MailMessage: Sendable {
  var from: Mailbox
  var to: Mailbox
  var subject: String
  /// The part before the `@` of the Message-ID: the same for every attempt, so that a mail that
  /// arrives twice can be known.
  var identifier: String
  /// Where one ends these mails without a log-in (RFC 8058).
  var unsubscribeURL: String
  var text: String
  var html: String

  /// The whole mail, with CR LF at the ends of lines.
  func encoded(at seconds: Int) -> [UInt8] {
    let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
    let boundary = "=_\(identifier)"
    let lines = [
      "Date: \(Self.date(seconds))",
      "From: \(from.header)",
      "To: \(to.header)",
      "Subject: \(MailEncoding.text(subject))",
      "Message-ID: <\(identifier)@\(domain)>",
      "Auto-Submitted: auto-generated",
      "List-Unsubscribe: <\(unsubscribeURL)>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
      "MIME-Version: 1.0",
      "Content-Type: multipart/alternative; boundary=\"\(boundary)\"",
      "",
      "--\(boundary)",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      MailEncoding.quotedPrintable(text),
      "--\(boundary)",
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      MailEncoding.quotedPrintable(html),
      "--\(boundary)--",
      "",
    ]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// The form of RFC 5322, 3.3, in UTC.
  static func date(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[Int(parts.tm_wday)]), \(parts.tm_mday) \(months[Int(parts.tm_mon)])"
      + " \(parts.tm_year + 1_900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
      + " +0000"
  }
}
