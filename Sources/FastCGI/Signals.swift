import Glibc
import Threads

/// The signals that end the program, taken by one thread that waits for them.
///
/// libfcgi takes an interrupted read or write for a failure, so no other thread may see a signal.
public enum Signals {
  /// Blocks them for the calling thread and all that it starts; called first of all.
  ///
  /// SIGPIPE is blocked, too: a peer that left shows as an error of the write.
  public static func block() {
    var set = handled()
    sigaddset(&set, SIGPIPE)
    sigaddset(&set, SIGUSR1)
    sigaddset(&set, SIGHUP)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Calls the handler on a thread of its own at the first SIGTERM or SIGINT.
  ///
  /// - Returns: the thread; it ends with the handler.
  public static func wait(_ handler: @escaping @Sendable (Int32) -> Void) -> WorkerThread {
    WorkerThread {
      var set = handled()
      var signal: Int32 = 0
      while sigwait(&set, &signal) != 0 {}
      handler(signal)
    }
  }

  private static func handled() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
  }
}
