import ArgumentParser
import Chat
import FastCGI
import Glibc
import Logging
import MySQLStore

/// The command `nati-chat serve`.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer FastCGI requests until SIGTERM.")

  func run() throws {
    do {
      try serve()
    } catch let error as SettingsError {
      throw fail(error.description)
    } catch let error as ListenError {
      throw fail(error.description)
    }
  }
}

private func serve() throws {
  // Before the first thread starts: all of them inherit what is blocked here.
  Signals.block()
  var settings = try Settings(environment: processEnvironment())
  if settings.listenIsDefault, ListenAddress.descriptorListens(0) {
    settings.listen = .inherited(descriptor: 0)
  }
  let logger = makeLogger(settings)
  raiseDescriptorLimit()
  let listener = try Listener(settings.listen, mode: settings.listenMode)
  let database = Database(
    settings.database, logger: logger, willBlock: { Server.willBlock() })
  defer { database.close() }
  guard let store = try connect(database, logger) else {
    throw fail("The database cannot be reached. Run: nati-chat check")
  }
  guard try store.schemaVersion() != nil else {
    throw fail("The database schema is not up to date. Run: nati-chat migrate")
  }
  let application = Application(settings: settings, store: store, logger: logger)
  let router = Router(application)
  try application.live.start()
  let notifications = NotificationUpkeep(
    store: store, settings: settings, live: application.live, logger: logger)
  notifications.start()
  let server = Server(
    ServerConfiguration(
      workers: settings.workers, maximumBodyBytes: settings.maximumBodyBytes,
      maximumConnections: settings.mostWaiting + 4_096, logger: logger),
    listener: listener
  ) { request, responder in router.handle(request, responder) }
  let signals = Signals.wait { signal in
    logger.notice("Stopping on signal \(signal).")
    notifications.stop()
    application.live.stop()
    server.stop()
  }
  logger.notice("Listening on \(settings.listen).")
  server.run()
  signals.join()
  application.live.join()
  notifications.join()
  application.passwordQueue.stop()
  logger.notice("Stopped.")
}

/// As many descriptors as the process may have: each client that waits holds one.
private func raiseDescriptorLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Waits half a minute for a database that starts at the same time as the program.
private func connect(_ database: Database, _ logger: Logger) throws -> Store? {
  for attempt in 0..<30 {
    do {
      return try Store(database: database)
    } catch let error as DatabaseError where error.isUnavailable {
      if attempt % 5 == 0 { logger.warning("Waiting for the database: \(error)") }
      sleep(1)
    }
  }
  return nil
}

/// Answers the one request of a CGI program.
func serveCGI() {
  let settings: Settings
  do {
    settings = try Settings(environment: processEnvironment())
  } catch {
    writeError("\(error)")
    CGI.serveOne(maximumBodyBytes: 0) { _, responder in
      responder.respond(Reply.internalError(requestID: "-"))
    }
    return
  }
  let logger = makeLogger(settings)
  let database = Database(settings.database, logger: logger)
  defer { database.close() }
  let store = Result { try Store(database: database) }
  CGI.serveOne(maximumBodyBytes: settings.maximumBodyBytes) { request, responder in
    switch store {
    case .success(let store):
      Router(Application(settings: settings, store: store, logger: logger))
        .handle(request, responder)
    case .failure(let error):
      logger.error("\(error)")
      responder.respond(
        Reply.failure(
          Failure(.unavailable, "The database cannot be reached for a moment.", retryAfter: 2)))
    }
  }
}

/// Logs to standard error.
func makeLogger(_ settings: Settings) -> Logger {
  var logger = Logger(label: "nati-chat") { _ in LineLogHandler() }
  logger.logLevel = settings.logLevel
  return logger
}
