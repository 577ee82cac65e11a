import Chat

/// The configuration of mails and of what is done for messages that nobody reads.
struct NotificationSettings: Sendable {
  /// The address of the site, without a slash at the end: links in mails begin with it.
  var siteURL: String?
  /// The key that signs links in mails.
  var secret: String?
  /// The mail server: `smtp://` or `smtps://`, with user and password if it wants them.
  var mailServer: String?
  /// A file of certificates to trust instead of the system's.
  var mailCertificates: String?
  /// `address` or `name <address>`.
  var mailFrom: String?
  /// Seconds until an unread message is mailed.
  var mailDelay = 300
  /// Seconds between two mails to a person about one chat.
  var mailPause = 3_600
  /// Seconds between the attempts to send a mail; after the last one it is given up.
  var mailRetries = [60, 300, 1_800, 86_400, 86_400, 86_400]
  /// Seconds until the admins are told of what a worker has not read.
  var escalateAfter = 900
  /// Seconds that a guest's link in a mail works.
  var linkTimeToLive = 7 * 86_400

  /// What ``init(_:)`` reads, as `--help` shows it.
  static let variables = [
    Settings.Variable(
      name: "NATI_CHAT_SITE_URL", standard: "",
      meaning: "the site's address, such as https://nati.example; mails need it for their links"),
    Settings.Variable(
      name: "NATI_CHAT_SECRET", standard: "",
      meaning: "the key of links in mails, 32 characters or more; mails need it"),
    Settings.Variable(
      name: "NATI_CHAT_SECRET_FILE", standard: "",
      meaning: "a file with it, instead of NATI_CHAT_SECRET"),
    Settings.Variable(
      name: "NATI_CHAT_SMTP_URL", standard: "",
      meaning: "the mail server, such as smtp://user:password@mail.example:587;"
        + " without it the site's notification_config counts, and without that nothing is mailed"),
    Settings.Variable(
      name: "NATI_CHAT_SMTP_URL_FILE", standard: "",
      meaning: "a file with it, instead of NATI_CHAT_SMTP_URL"),
    Settings.Variable(
      name: "NATI_CHAT_SMTP_CA", standard: "",
      meaning: "a file of certificates to trust instead of the system's"),
    Settings.Variable(
      name: "NATI_CHAT_MAIL_FROM", standard: "",
      meaning: "the sender of mails: an address, or a name and <an address>"),
    Settings.Variable(
      name: "NATI_CHAT_MAIL_DELAY", standard: "300",
      meaning: "seconds until an unread message is mailed to somebody who is away"),
    Settings.Variable(
      name: "NATI_CHAT_MAIL_PAUSE", standard: "3600",
      meaning: "seconds between two mails to one person about one chat"),
    Settings.Variable(
      name: "NATI_CHAT_MAIL_RETRIES", standard: "60,300,1800,86400,86400,86400",
      meaning: "seconds between the attempts to send a mail"),
    Settings.Variable(
      name: "NATI_CHAT_ESCALATE_AFTER", standard: "900",
      meaning: "seconds until the admins are told of a message that the worker has not read"),
    Settings.Variable(
      name: "NATI_CHAT_LINK_TTL", standard: "604800",
      meaning: "seconds that the link in a guest's mail works"),
  ]

  init() {}

  /// Reads the environment.
  ///
  /// - Throws: `SettingsError` with a sentence that names the variable.
  init(_ environment: Environment) throws {
    if let text = environment.text("NATI_CHAT_SITE_URL") {
      guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.hasSuffix("/"),
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") })
      else {
        throw SettingsError(
          "NATI_CHAT_SITE_URL must be an address such as https://nati.example, without a slash at"
            + " the end, not \"\(text)\".")
      }
      siteURL = text
    }
    secret = try environment.secret("NATI_CHAT_SECRET")
    if let secret, secret.utf8.count < 32 {
      throw SettingsError("NATI_CHAT_SECRET must have 32 characters or more.")
    }
    mailServer = try environment.secret("NATI_CHAT_SMTP_URL")
    if let mailServer, !mailServer.hasPrefix("smtp://"), !mailServer.hasPrefix("smtps://") {
      throw SettingsError("NATI_CHAT_SMTP_URL must begin with smtp:// or smtps://.")
    }
    mailCertificates = environment.text("NATI_CHAT_SMTP_CA")
    mailFrom = environment.text("NATI_CHAT_MAIL_FROM")
    if let mailFrom, Mailbox(mailFrom) == nil {
      throw SettingsError(
        "NATI_CHAT_MAIL_FROM must be an address, or a name and <an address>, not \"\(mailFrom)\".")
    }
    let longest = 365 * 86_400
    mailDelay = try environment.number("NATI_CHAT_MAIL_DELAY", 1...longest, mailDelay)
    mailPause = try environment.number("NATI_CHAT_MAIL_PAUSE", 1...longest, mailPause)
    escalateAfter = try environment.number("NATI_CHAT_ESCALATE_AFTER", 1...longest, escalateAfter)
    linkTimeToLive = try environment.number("NATI_CHAT_LINK_TTL", 60...longest, linkTimeToLive)
    if let text = environment.text("NATI_CHAT_MAIL_RETRIES") {
      let pauses = text.split(separator: ",").map { Int($0) }
      guard pauses.count <= 100, pauses.allSatisfy({ 1...longest ~= $0 ?? 0 }) else {
        throw SettingsError(
          "NATI_CHAT_MAIL_RETRIES must be numbers of seconds with commas, not \"\(text)\".")
      }
      mailRetries = pauses.compactMap { $0 }
    }
  }
}
