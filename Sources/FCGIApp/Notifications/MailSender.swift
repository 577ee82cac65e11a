import Chat
import Glibc
import Logging
import MySQLStore
import Threads

/// Sends the queued mails: every process does, each mail claimed by one of them.
final class MailSender: Sendable {
  /// Seconds for which a claim holds: longer than an attempt can take.
  private static let claimSeconds = 150
  /// Seconds between two looks at the site's own configuration.
  private static let configurationAge = 60.0

  private struct State {
    var server: MailServer?
    var readAt = -Double.infinity
  }

  private let store: Store
  private let settings: NotificationSettings
  private let logger: Logger
  private let faults: FaultLog
  private let state = Lock(State())

  init(store: Store, settings: NotificationSettings, logger: Logger) {
    self.store = store
    self.settings = settings
    self.logger = logger
    faults = FaultLog(logger)
  }

  /// The mail server, if mails can be sent at all.
  ///
  /// - Throws: `DatabaseError`.
  func server() throws -> MailServer? {
    guard settings.siteURL != nil, settings.secret != nil else { return nil }
    let known = state.withLock { state in
      Live.now() - state.readAt < Self.configurationAge ? Optional(state.server) : nil
    }
    if let known { return known }
    let read = try Self.server(store, settings)
    state.withLock { state in
      state.server = read
      state.readAt = Live.now()
    }
    return read
  }

  /// The server of the environment, or else of the site's own configuration.
  ///
  /// - Throws: `DatabaseError`.
  static func server(_ store: Store, _ settings: NotificationSettings) throws -> MailServer? {
    if let url = settings.mailServer {
      let host = settings.siteURL.map { $0.split(separator: "/").last ?? "" } ?? "localhost"
      let from =
        settings.mailFrom.flatMap { Mailbox($0) }
        ?? Mailbox(name: "Nati Automotive", address: "chat@\(host.prefix { $0 != ":" })")
      return MailServer(url: url, certificates: settings.mailCertificates, from: from)
    }
    let site = try store.siteMailConfiguration()
    return site.flatMap { MailServer($0, certificates: settings.mailCertificates) }
  }

  /// Sends what is due.
  ///
  /// - Throws: `DatabaseError`.
  func sendDue(until isStopping: () -> Bool) throws {
    guard let server = try server(), let siteURL = settings.siteURL, let secret = settings.secret
    else { return }
    while !isStopping(),
      let mail = try store.claimMail(seconds: Self.claimSeconds)
    {
      guard let missed = try store.missedMessages(mail) else {
        try store.finishMail(mail, .dropped, error: "All was read.")
        continue
      }
      guard missed.preferences.mailEnabled, let address = missed.preferences.mailAddress else {
        try store.finishMail(mail, .dropped, error: "No mails are wanted.")
        continue
      }
      let now = Int(time(nil))
      let quiet = missed.preferences.quietMinutes(atUTCMinute: now / 60 % 1_440)
      if quiet > 0 {
        try store.postponeMail(mail, seconds: quiet * 60, error: nil)
        continue
      }
      let content = MissedMessagesMail(
        missed: missed, chatID: mail.chatID, mailID: mail.id, siteURL: siteURL, secret: secret,
        linkUntil: Int64(now + settings.linkTimeToLive))
      let message = content.message(from: server.from, to: address)
      try record(mail, attempt: Result { try server.send(message.encoded(at: now), to: address) })
    }
  }

  private func record(_ mail: DueMail, attempt: Result<Void, any Error>) throws {
    switch attempt {
    case .success:
      try store.finishMail(mail, .sent)
      faults.worked("Sending mails")
    case .failure(let error):
      let refusal = error as? MailServer.Refusal
      let sentence = String((refusal?.sentence ?? "\(error)").prefix(300))
      if refusal?.isPermanent == true || mail.attempts >= settings.mailRetries.count {
        logger.error("Mail \(mail.id) is given up: \(sentence)")
        return try store.finishMail(mail, .failed, error: sentence)
      }
      try store.postponeMail(
        mail, seconds: settings.mailRetries[mail.attempts], error: sentence)
      faults.failed("Sending mails", "A mail could not be sent, and is tried again: \(sentence)")
    }
  }
}
