import Chat
import Crypto
import Glibc

/// What a link in a mail lets its holder do, signed so that nobody else can make one.
enum SignedLink: Equatable {
  /// A guest comes back to their chat, until a moment in seconds since 1970.
  case guest(Int64, chatID: Int64, until: Int64)
  /// A person wants no more mails.
  case unsubscribe(PersonID)

  /// The link's token: what it says, and an HMAC (RFC 2104) with SHA-256 over that.
  func token(_ secret: String) -> String {
    "\(claims)~\(Hexadecimal.encode(Self.code(claims, secret)))"
  }

  /// Reads a token; `nil` if it was not signed with the secret, or its time is over.
  init?(_ token: String, _ secret: String, now: Int64 = Int64(time(nil))) {
    let parts = token.split(separator: "~", omittingEmptySubsequences: false)
    guard parts.count == 2, let code = Hexadecimal.decode(String(parts[1])),
      HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: Array(parts[0].utf8), using: Self.key(secret))
    else { return nil }
    let claims = parts[0].split(separator: ".")
    let numbers = claims.compactMap { Int64($0) }
    switch claims.first {
    case "guest" where numbers.count == 3:
      guard numbers[2] > now else { return nil }
      self = .guest(numbers[0], chatID: numbers[1], until: numbers[2])
    case "unsubscribe" where claims.count == 3 && numbers.count == 1:
      guard let role = Role(rawValue: String(claims[1])) else { return nil }
      self = .unsubscribe(PersonID(role, numbers[0]))
    default: return nil
    }
  }

  private var claims: String {
    switch self {
    case .guest(let number, let chatID, let until): "guest.\(number).\(chatID).\(until)"
    case .unsubscribe(let person): "unsubscribe.\(person.role.rawValue).\(person.number)"
    }
  }

  private static func code(_ claims: String, _ secret: String) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(claims.utf8), using: key(secret)))
  }

  private static func key(_ secret: String) -> SymmetricKey {
    SymmetricKey(data: Array("nati-chat link \(secret)".utf8))
  }
}
