import ArgumentParser
import FastCGI
import Glibc
import Logging
import MySQLStore

/// The command `nati-chat check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell whether everything the program needs is there.")

  func run() throws {
    var report = CheckReport()
    do {
      let settings = try Settings(environment: processEnvironment())
      report.good("The configuration can be read.")
      checkDatabase(settings, &report)
      checkPHPSessions(settings, &report)
      checkSocket(settings, &report)
    } catch {
      report.bad("\(error)")
    }
    if report.hasFaults { throw ExitCode(1) }
  }

  private func checkDatabase(_ settings: Settings, _ report: inout CheckReport) {
    var quiet = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
    quiet.logLevel = .critical
    let database = Database(settings.database, logger: quiet)
    defer { database.close() }
    do {
      let store = try Store(database: database)
      report.good("The database \(settings.databaseName) can be reached.")
      if let version = try store.schemaVersion() {
        report.good("The schema is up to date: \(version).")
      } else {
        report.bad("The schema is not up to date. Run: nati-chat migrate")
      }
      let missing = try store.missingPrivileges()
      if missing.isEmpty {
        report.good("The account has all privileges the program needs.")
      }
      for privilege in missing { report.bad("The account lacks \(privilege).") }
      if !(try store.hasPrivilege("TRIGGER")) {
        report.note("The account lacks TRIGGER: run migrations with another one.")
      }
      let triggers = try store.missingTriggers()
      if !triggers.isEmpty {
        report.note(
          "These triggers cannot be seen by this account or are missing: "
            + triggers.joined(separator: ", ") + ".")
      }
      checkMails(settings.notifications, store, &report)
      if try !store.isDurable() {
        report.note(
          "innodb_flush_log_at_trx_commit is not 1: a crash may lose acknowledged messages.")
      }
    } catch let error as DatabaseError {
      report.bad(error.explanation)
    } catch {
      report.bad("\(error)")
    }
  }

  private func checkMails(
    _ settings: NotificationSettings, _ store: Store, _ report: inout CheckReport
  ) {
    if !store.site.notifications {
      report.note("tbl_notifications cannot be seen: the site's own bell does not show the chat.")
    }
    guard let server = try? MailSender.server(store, settings) else {
      return report.note("No mail server is configured: missed messages are not mailed.")
    }
    if settings.siteURL == nil || settings.secret == nil {
      report.bad("Mails need NATI_CHAT_SITE_URL and NATI_CHAT_SECRET for their links.")
    }
    do {
      try server.test()
      report.good("The mail server \(server.url) can be used.")
    } catch {
      report.bad("The mail server \(server.url) cannot be used: \(error.sentence).")
    }
  }

  private func checkPHPSessions(_ settings: Settings, _ report: inout CheckReport) {
    guard let folder = settings.phpSessionFolder else {
      return report.note("PHP sessions are off: only the program's own log-in counts.")
    }
    // Debian's folder may be entered but not listed (mode 1733): entering is all that is needed.
    if access(folder, X_OK) == 0 {
      report.good("The PHP session folder \(folder) can be entered.")
    } else {
      report.bad(
        "The PHP session folder \(folder) cannot be entered: \(String(cString: strerror(errno))).")
    }
  }

  private func checkSocket(_ settings: Settings, _ report: inout CheckReport) {
    switch settings.listen {
    case .unix(let path):
      let folder = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
      if access(folder.isEmpty ? "/" : folder, W_OK | X_OK) == 0 {
        report.good("The socket \(path) can be made.")
      } else {
        report.bad("The socket \(path) cannot be made: \(String(cString: strerror(errno))).")
      }
    case .tcp(let host, let port):
      let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
      if isLoopback {
        report.good("The program listens on \(host):\(port).")
      } else {
        report.note(
          "\(host):\(port) is not loopback: FastCGI has no log-in, keep it in a private network.")
      }
    case .inherited(let descriptor):
      report.good("The program takes descriptor \(descriptor) from whoever starts it.")
    }
  }
}

/// Prints findings and remembers whether one is a fault.
private struct CheckReport {
  private(set) var hasFaults = false

  mutating func good(_ sentence: String) { print("ok    \(sentence)") }

  mutating func note(_ sentence: String) { print("note  \(sentence)") }

  mutating func bad(_ sentence: String) {
    hasFaults = true
    print("FAULT \(sentence)")
  }
}
