import Chat
import FastCGI
import Glibc
import Logging
import Threads

/// The site's own log-ins: who a PHP session says its holder is.
final class PHPSessions: Sendable {
  private let folder: String
  private let cookieName: String
  private let adminIdleSeconds: Int
  private let logger: Logger
  private let reported = Lock<Set<String>>([])
  private let known = Lock<[String: Known]>([:])

  /// What a file said when it was last read.
  private struct Known {
    let version: PHPSessionFile.Version
    let values: [String: PHPSerialization.Value]
  }

  init(folder: String, cookieName: String, adminIdleSeconds: Int, logger: Logger) {
    self.folder = folder
    self.cookieName = cookieName
    self.adminIdleSeconds = adminIdleSeconds
    self.logger = logger
  }

  /// The file that the request's cookie names, if it could be one.
  func file(of request: Request) -> PHPSessionFile? {
    guard let identifier = Cookies.value(cookieName, in: request) else { return nil }
    return PHPSessionFile(folder: folder, identifier: identifier)
  }

  /// The identities in a session: customer, admin, worker, in this order.
  func identities(in file: PHPSessionFile) -> [PersonID] {
    let now = time(nil)
    guard let version = file.version() else { return [] }
    if let known = known.withLock({ $0[file.path] }), known.version == version {
      return Self.identities(known.values, adminIdleSeconds, now: now)
    }
    switch file.read() {
    case .missing: return []
    case .values(let values):
      remember(file, version, values, now: now)
      return Self.identities(values, adminIdleSeconds, now: now)
    case .unreadable(let why):
      reportOnce(file.path, why)
      return []
    }
  }

  /// Keeps what identifies, so that a page that polls costs one look at the file's times.
  ///
  /// Times of files advance in ticks: a file written in this second may be written again without
  /// another time, and is not remembered yet.
  private func remember(
    _ file: PHPSessionFile, _ version: PHPSessionFile.Version,
    _ values: [String: PHPSerialization.Value], now: Int
  ) {
    guard now - version.seconds > 1 else { return }
    let identifying = values.filter { Self.identifyingKeys.contains($0.key) }
    known.withLock { known in
      if known.count >= 10_000 { known.removeAll() }
      known[file.path] = Known(version: version, values: identifying)
    }
  }

  private static let identifyingKeys: Set<String> = [
    "user_id", "admin_id", "last_activity", "id_worker", "worker_id",
  ]

  /// Reads the identities out of a session's values.
  static func identities(
    _ values: [String: PHPSerialization.Value], _ adminIdleSeconds: Int, now: Int
  ) -> [PersonID] {
    var identities: [PersonID] = []
    if let number = number(values["user_id"]) { identities.append(PersonID(.customer, number)) }
    if let number = number(values["admin_id"]) {
      // The admin pages log out after so long without a request; so do we.
      let lastActivity = Self.number(values["last_activity"]).map(Int.init) ?? now
      if now - lastActivity <= adminIdleSeconds { identities.append(PersonID(.admin, number)) }
    }
    if let number = number(values["id_worker"]) ?? number(values["worker_id"]) {
      identities.append(PersonID(.worker, number))
    }
    return identities
  }

  /// A row's number, which PHP code stores as text or as integer.
  private static func number(_ value: PHPSerialization.Value?) -> Int64? {
    let number: Int64? =
      switch value {
      case .integer(let number): number
      case .string(let text):
        text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
          ? Int64(String(decoding: text, as: UTF8.self)) : nil
      case .other, nil: nil
      }
    return number.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Renews the times of the file behind a real action.
  func renew(_ file: PHPSessionFile) {
    if !file.renew() { reportOnce(file.path + " times", "cannot be renewed") }
  }

  private func reportOnce(_ key: String, _ why: String) {
    let isNew = reported.withLock { reported in
      if reported.count > 1_000 { reported.removeAll() }
      return reported.insert(key).inserted
    }
    // The identifier in the path is a secret.
    if isNew { logger.warning("A PHP session file \(why).") }
  }
}
