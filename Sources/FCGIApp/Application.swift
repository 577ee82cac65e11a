import Chat
import FastCGI
import Logging
import MySQLStore

/// Everything that endpoints need, made once at the start.
struct Application: Sendable {
  let settings: Settings
  let store: Store
  let resolver: IdentityResolver
  let signIn: SignIn
  let passwordQueue: PasswordQueue
  let live: Live
  let logger: Logger

  init(settings: Settings, store: Store, logger: Logger) {
    self.settings = settings
    self.store = store
    self.logger = logger
    live = Live(store: store, settings: settings, logger: logger)
    signIn = SignIn(store: store)
    passwordQueue = PasswordQueue(threads: Settings.passwordThreads)
    resolver = IdentityResolver(
      store: store,
      phpSessions: settings.phpSessionFolder.map { folder in
        PHPSessions(
          folder: folder, cookieName: settings.phpSessionName,
          adminIdleSeconds: settings.adminIdleSeconds, logger: logger)
      },
      sessionTimeToLive: settings.sessionTimeToLive,
      guestTimeToLive: settings.guestTimeToLive)
  }
}
