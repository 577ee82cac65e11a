import CCrypt
import Chat
import Crypto
import Glibc

/// Passwords as the site stores them: bcrypt, and unsalted MD5 in old rows of customers.
enum Password {
  /// PHP's own default; about 50 ms.
  static let cost: UInt = 10

  /// A hash that no password has, for names that do not exist: the same work, the same answer.
  static let dummyHash = "$2y$10$wS9ZsHG6yqMnrWIXPCjGdeFb/j3TkEO9LIW6kUCSXtVwBYmLmlmCa"

  /// A new bcrypt hash in the form of PHP's `password_hash()` (crypt(5), prefix `$2y$`).
  static func hash(_ password: String) -> String? {
    guard let setting = crypt_gensalt_ra("$2y$", cost, nil, 0) else { return nil }
    defer { free(setting) }
    return crypt(password, String(cString: setting))
  }

  /// Whether the password is the stored one.
  static func matches(_ password: String, stored: String) -> Bool {
    // C text ends at the first NUL: "secret\0x" would match "secret".
    if password.utf8.contains(0) { return false }
    if isLegacy(stored) {
      let digest = Insecure.MD5.hash(data: Array(password.utf8))
      return isEqual(Hexadecimal.encode(digest), stored)
    }
    guard stored.hasPrefix("$2"), let computed = crypt(password, stored) else { return false }
    return isEqual(computed, stored)
  }

  /// 32 lower-case hexadecimal digits: MD5, to be replaced at the next log-in.
  static func isLegacy(_ stored: String) -> Bool {
    stored.utf8.count == 32 && stored == stored.lowercased() && Hexadecimal.decode(stored) != nil
  }

  /// `nil` where crypt(3) refuses; it then answers a text that starts with `*`.
  private static func crypt(_ password: String, _ setting: String) -> String? {
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    data.initialize(to: crypt_data())
    defer { data.deallocate() }
    guard let result = crypt_r(password, setting, data) else { return nil }
    let text = String(cString: result)
    return text.hasPrefix("*") ? nil : text
  }

  /// Compares in a time that does not depend on where the first difference is.
  private static func isEqual(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
  }
}
