import Chat

/// A name and an address, as mail headers have them (RFC 5322, 3.4).
struct Mailbox: Sendable, Equatable {
  let name: String
  let address: String

  init(name: String, address: String) {
    self.name = name
    self.address = address
  }

  /// Reads `address` or `name <address>`; `nil` if it is neither.
  init?(_ text: String) {
    var name: Substring = ""
    var address = Substring(text).trimmed()
    if address.hasSuffix(">"), let start = address.lastIndex(of: "<") {
      name = address[..<start].trimmed()
      address = address[address.index(after: start)...].dropLast()
    }
    guard let checked = try? Texts.email(String(address)) else { return nil }
    self.name = String(name)
    self.address = checked
  }

  /// The form of a header: the name is encoded if it has to be, and never breaks a line.
  var header: String {
    name.isEmpty ? address : "\(MailEncoding.phrase(name)) <\(address)>"
  }
}
