import Chat
import FastCGI
import Logging
import MySQLStore

/// The configuration: read once from the environment, every value with a default.
struct Settings: Sendable {
  /// Threads of live updates that use the database: the feed, the upkeep and the answers.
  static let liveThreads = 5
  /// Threads for requests that compute bcrypt.
  static let passwordThreads = 2
  /// Threads for notifications: their pass, and the sending of mails.
  static let notificationThreads = 2

  var listen = ListenAddress.unix(path: "/run/nati-chat/nati-chat.sock")
  var listenIsDefault = true
  var listenMode: UInt32 = 0o660
  var workers = 16
  var databaseSocket: String?
  var databaseHost: String?
  var databasePort: UInt16 = 3306
  var databaseUser = "nati_chat"
  var databasePassword = ""
  var databaseName = "nati"
  var phpSessionFolder: String? = "/var/lib/php/sessions"
  var phpSessionName = "PHPSESSID"
  var adminIdleSeconds = 1_800
  var sessionTimeToLive = 30 * 86_400
  var guestTimeToLive = 86_400
  var maximumBodyBytes = 65_536
  var eventRetention = 86_400
  var longestTransaction = 60
  var mostWaiting = 12_000
  var logLevel = Logger.Level.info
  var migrationFolder = "sql/migrations"
  var notifications = NotificationSettings()

  /// A variable of the environment, as `--help` shows it.
  struct Variable: Sendable {
    let name: String
    let standard: String
    let meaning: String
  }

  /// All variables there are.
  static let variables =
    [
      Variable(
        name: "NATI_CHAT_LISTEN", standard: "unix:/run/nati-chat/nati-chat.sock",
        meaning: "where to listen: unix:/path, host:port, or fd:0 for an inherited socket"),
      Variable(
        name: "NATI_CHAT_LISTEN_MODE", standard: "0660", meaning: "permissions of the unix socket"),
      Variable(
        name: "NATI_CHAT_WORKERS", standard: "16",
        meaning: "threads that answer requests, each with two connections at most (1 to 64)"),
      Variable(
        name: "NATI_CHAT_DB_SOCKET", standard: "",
        meaning: "the database's unix socket; goes before host and port"),
      Variable(name: "NATI_CHAT_DB_HOST", standard: "127.0.0.1", meaning: "the database's host"),
      Variable(name: "NATI_CHAT_DB_PORT", standard: "3306", meaning: "the database's port"),
      Variable(name: "NATI_CHAT_DB_USER", standard: "nati_chat", meaning: "the database account"),
      Variable(name: "NATI_CHAT_DB_PASSWORD", standard: "", meaning: "its password"),
      Variable(
        name: "NATI_CHAT_DB_PASSWORD_FILE", standard: "",
        meaning: "a file with its password, instead of NATI_CHAT_DB_PASSWORD"),
      Variable(name: "NATI_CHAT_DB_NAME", standard: "nati", meaning: "the database"),
      Variable(
        name: "NATI_CHAT_PHP_SESSIONS", standard: "/var/lib/php/sessions",
        meaning: "the folder of the site's PHP sessions, or off"),
      Variable(
        name: "NATI_CHAT_PHP_SESSION_NAME", standard: "PHPSESSID",
        meaning: "the cookie of the site's PHP sessions"),
      Variable(
        name: "NATI_CHAT_ADMIN_IDLE", standard: "1800",
        meaning: "seconds after last_activity until an admin's PHP session counts no more"),
      Variable(
        name: "NATI_CHAT_SESSION_TTL", standard: "2592000",
        meaning: "seconds an own session lives after its last use"),
      Variable(
        name: "NATI_CHAT_GUEST_TTL", standard: "86400",
        meaning: "seconds a guest's token lives after the guest's last action"),
      Variable(
        name: "NATI_CHAT_MAX_BODY", standard: "65536", meaning: "the largest request body in bytes"),
      Variable(
        name: "NATI_CHAT_MAX_WAITING", standard: "12000",
        meaning: "requests that may wait for events at once"),
      Variable(
        name: "NATI_CHAT_EVENT_RETENTION", standard: "86400",
        meaning: "seconds the event log keeps what happened"),
      Variable(
        name: "NATI_CHAT_LONGEST_TRANSACTION", standard: "60",
        meaning: "seconds after which a missing event id counts as rolled back"),
      Variable(
        name: "NATI_CHAT_LOG_LEVEL", standard: "info",
        meaning: "trace, debug, info, notice, warning, error or critical"),
      Variable(
        name: "NATI_CHAT_MIGRATIONS", standard: "sql/migrations",
        meaning: "the folder of the migrations"),
    ] + NotificationSettings.variables

  /// Reads the environment.
  ///
  /// - Throws: `SettingsError` with a sentence that names the variable.
  init(environment: [String: String]) throws {
    let environment = Environment(values: environment)
    let (text, number) = (environment.text, environment.number)
    if let text = text("NATI_CHAT_LISTEN") {
      guard let address = ListenAddress(text) else {
        throw SettingsError(
          "NATI_CHAT_LISTEN must be unix:/path, host:port or fd:0, not \"\(text)\".")
      }
      listen = address
      listenIsDefault = false
    }
    if let text = text("NATI_CHAT_LISTEN_MODE") {
      guard let mode = UInt32(text, radix: 8), mode <= 0o777 else {
        throw SettingsError(
          "NATI_CHAT_LISTEN_MODE must be an octal mode such as 0660, not \"\(text)\".")
      }
      listenMode = mode
    }
    workers = try number("NATI_CHAT_WORKERS", 1...64, workers)
    databaseSocket = text("NATI_CHAT_DB_SOCKET")
    databaseHost = text("NATI_CHAT_DB_HOST") ?? (databaseSocket == nil ? "127.0.0.1" : nil)
    databasePort = UInt16(try number("NATI_CHAT_DB_PORT", 1...65_535, Int(databasePort)))
    databaseUser = text("NATI_CHAT_DB_USER") ?? databaseUser
    databaseName = text("NATI_CHAT_DB_NAME") ?? databaseName
    databasePassword = try environment.secret("NATI_CHAT_DB_PASSWORD") ?? ""
    if let folder = text("NATI_CHAT_PHP_SESSIONS") {
      guard folder == "off" || folder.hasPrefix("/") else {
        throw SettingsError(
          "NATI_CHAT_PHP_SESSIONS must be an absolute path or off, not \"\(folder)\".")
      }
      phpSessionFolder = folder == "off" ? nil : folder
    }
    phpSessionName = text("NATI_CHAT_PHP_SESSION_NAME") ?? phpSessionName
    let longest = 10 * 365 * 86_400
    adminIdleSeconds = try number("NATI_CHAT_ADMIN_IDLE", 1...longest, adminIdleSeconds)
    sessionTimeToLive = try number("NATI_CHAT_SESSION_TTL", 1...longest, sessionTimeToLive)
    guestTimeToLive = try number("NATI_CHAT_GUEST_TTL", 1...longest, guestTimeToLive)
    maximumBodyBytes = try number("NATI_CHAT_MAX_BODY", 1_024...16_777_216, maximumBodyBytes)
    mostWaiting = try number("NATI_CHAT_MAX_WAITING", 0...1_000_000, mostWaiting)
    eventRetention = try number("NATI_CHAT_EVENT_RETENTION", 60...longest, eventRetention)
    longestTransaction = try number("NATI_CHAT_LONGEST_TRANSACTION", 1...3_600, longestTransaction)
    if let text = text("NATI_CHAT_LOG_LEVEL") {
      guard let level = Logger.Level(rawValue: text) else {
        throw SettingsError(
          "NATI_CHAT_LOG_LEVEL must be trace, debug, info, notice, warning, error or critical,"
            + " not \"\(text)\".")
      }
      logLevel = level
    }
    migrationFolder = text("NATI_CHAT_MIGRATIONS") ?? migrationFolder
    notifications = try NotificationSettings(environment)
  }

  /// How to reach the database, with a connection for each thread that may want one.
  var database: DatabaseConfiguration {
    DatabaseConfiguration(
      host: databaseHost, port: databasePort, socket: databaseSocket, user: databaseUser,
      password: databasePassword, name: databaseName,
      connections: workers + Self.passwordThreads + Self.liveThreads + Self.notificationThreads)
  }
}
