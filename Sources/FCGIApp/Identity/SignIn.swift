import Chat
import Crypto
import FastCGI
import MySQLStore

/// Log-in, sign-up and password changes; runs on the password queue, since bcrypt takes its time.
struct SignIn: Sendable {
  /// Failures an account may have in a quarter of an hour.
  static let failuresPerAccount = 10
  /// Failures an address may have in a quarter of an hour.
  static let failuresPerAddress = 30

  let store: Store

  /// The account with this name and password.
  ///
  /// An unknown name is checked against a dummy hash: the same time and the same answer.
  ///
  /// - Throws: `unauthenticated`, `tooManyRequests`.
  func account(login: String, password: String, role: Role?, address: String) throws -> Account {
    let accountHash = Self.subjectHash("account", login.lowercased())
    let addressHash = Self.subjectHash("address", address)
    try requireFewFailures([
      (subjectHash: accountHash, limit: Self.failuresPerAccount),
      (subjectHash: addressHash, limit: Self.failuresPerAddress),
    ])
    let roles: [Role] =
      if let role { [role] } else if login.contains("@") { [.customer] } else { [.admin, .worker] }
    let accounts = try roles.compactMap { try store.account($0, login: login) }
    if accounts.isEmpty { _ = Password.matches(password, stored: Password.dummyHash) }
    guard
      let account = accounts.first(where: { Password.matches(password, stored: $0.passwordHash) })
    else {
      try store.countFailedLogin([accountHash, addressHash])
      throw Failure(.unauthenticated, "The name or the password is wrong.")
    }
    try store.forgetFailedLogins(accountHash)
    return try upgraded(account, password)
  }

  /// Rewrites a legacy MD5 row as bcrypt, now that the password is known.
  private func upgraded(_ account: Account, _ password: String) throws -> Account {
    guard Password.isLegacy(account.passwordHash), let hash = Password.hash(password) else {
      return account
    }
    let isReplaced = try store.replacePassword(
      of: account.person.id, account.passwordHash, with: hash, keeping: nil)
    return isReplaced ? Account(person: account.person, passwordHash: hash) : account
  }

  /// Begins a session with a new token.
  func beginSession(_ account: Account, timeToLive: Int) throws -> Token {
    let token = Token()
    try store.beginSession(
      tokenHash: token.hash, account.person.id, passwordHash: account.passwordHash,
      timeToLive: timeToLive)
    return token
  }

  /// Counts an attempt that told whether an account exists, and refuses too many of them.
  func countSignUpConflict(address: String) throws {
    try store.countFailedLogin([Self.subjectHash("sign-up", address)])
  }

  /// Refuses an address that has tried too many existing accounts.
  func requireFewSignUpConflicts(address: String) throws {
    try requireFewFailures([
      (
        subjectHash: Self.subjectHash("sign-up", address), limit: Self.failuresPerAccount
      )
    ])
  }

  private func requireFewFailures(_ limits: [(subjectHash: [UInt8], limit: Int)]) throws {
    let delay = try store.loginDelay(limits)
    if delay > 0 {
      throw Failure(
        .tooManyRequests, "Too many attempts. Please wait a few minutes.", retryAfter: Int(delay))
    }
  }

  private static func subjectHash(_ kind: String, _ subject: String) -> [UInt8] {
    Array(SHA256.hash(data: Array("\(kind):\(subject)".utf8)))
  }

  /// Changes a password, given the current one; all other sessions of the person end by it.
  ///
  /// - Parameter tokenHash: the session that goes on.
  /// - Throws: `invalid` if the current password is wrong.
  func changePassword(
    of id: PersonID, from current: String, to new: String, keeping tokenHash: [UInt8]?
  ) throws {
    let subject = Self.subjectHash("password", "\(id.role.rawValue) \(id.number)")
    try requireFewFailures([(subjectHash: subject, limit: Self.failuresPerAccount)])
    guard let stored = try store.passwordHash(id), Password.matches(current, stored: stored) else {
      try store.countFailedLogin([subject])
      throw Failure(.invalid, "The current password is wrong.")
    }
    guard let hash = Password.hash(new),
      try store.replacePassword(of: id, stored, with: hash, keeping: tokenHash)
    else { throw Failure(.conflict, "The password was changed meanwhile.") }
  }
}
