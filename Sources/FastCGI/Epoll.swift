import CFastCGI
import Glibc

/// The set of connections that wait for a request (epoll(7)).
///
/// Every connection is armed for one event, so that exactly one worker gets it.
struct Epoll: Sendable {
  private let set: Int32
  private let wakeUp: Int32

  init() {
    set = epoll_create1(Int32(EPOLL_CLOEXEC))
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(set >= 0 && wakeUp >= 0, "epoll: \(String(cString: strerror(errno)))")
    // Level-triggered and never read: once written, it wakes every waiting thread for good.
    control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue)
  }

  /// Takes in a connection.
  func add(_ descriptor: Int32) { control(EPOLL_CTL_ADD, descriptor, Self.oneRequest) }

  /// Waits for the next request of a connection that is in the set.
  func rearm(_ descriptor: Int32) { control(EPOLL_CTL_MOD, descriptor, Self.oneRequest) }

  /// Ends all waiting, now and later.
  func wakeAll() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, 8)
  }

  /// Waits until a connection is readable.
  ///
  /// - Parameter isStopping: true to take only what is readable now.
  /// - Returns: `nil` when woken, or when nothing is readable.
  func waitForRequest(isStopping: Bool) -> Int32? {
    var events = [epoll_event](repeating: epoll_event(), count: isStopping ? 2 : 1)
    let count = epoll_wait(set, &events, Int32(events.count), isStopping ? 0 : -1)
    guard count > 0 else { return nil }
    var found: Int32?
    for event in events[..<Int(count)] where event.data.fd != wakeUp {
      if found == nil { found = event.data.fd } else { rearm(event.data.fd) }
    }
    return found
  }

  /// Waits until the listening socket has a connection.
  ///
  /// - Returns: false when woken.
  func waitForConnection(_ listener: Int32) -> Bool {
    var polls = [
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
    ]
    return poll(&polls, 2, -1) > 0 && polls[1].revents == 0
  }

  private static let oneRequest =
    EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue

  private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) {
    var event = epoll_event()
    event.events = events
    event.data.fd = descriptor
    let result = epoll_ctl(set, operation, descriptor, &event)
    precondition(result == 0, "epoll_ctl: \(String(cString: strerror(errno)))")
  }
}
