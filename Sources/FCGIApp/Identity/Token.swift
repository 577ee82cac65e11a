import Chat
import Crypto

/// A secret of 256 random bits that a browser holds; the database has only its hash.
struct Token: Sendable {
  /// The form in which a cookie carries it.
  let text: String
  /// Its SHA-256, as stored.
  let hash: [UInt8]

  /// Makes a new one.
  init() {
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    text = Hexadecimal.encode(bytes)
    hash = Self.hash(text)
  }

  /// Takes one from a cookie; `nil` if it cannot be one of ours.
  init?(_ text: String) {
    guard text.utf8.count == 64, Hexadecimal.decode(text) != nil else { return nil }
    self.text = text
    hash = Self.hash(text)
  }

  private static func hash(_ text: String) -> [UInt8] {
    Array(SHA256.hash(data: Array(text.utf8)))
  }
}
