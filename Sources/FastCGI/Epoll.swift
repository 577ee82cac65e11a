import CFastCGI
import Glibc

/// The set of connections that wait for a request, or for a client that leaves (epoll(7)).
///
/// Every connection is armed for one event, so that exactly one worker gets it.
struct Epoll: Sendable {
  /// What happened to a connection.
  enum Event: Equatable {
    /// It is readable, or its peer has left before a request.
    case request(Int32)
    /// The peer has left while its request was being answered; `watch` is the number given then.
    case hangUp(Int32, watch: UInt32)
  }

  private let set: Int32
  private let wakeUp: Int32

  init() {
    set = epoll_create1(Int32(EPOLL_CLOEXEC))
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(set >= 0 && wakeUp >= 0, "epoll: \(String(cString: strerror(errno)))")
    // Level-triggered and never read: once written, it wakes every waiting thread for good.
    control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue, watch: 0)
  }

  /// Takes in a connection.
  func add(_ descriptor: Int32) { control(EPOLL_CTL_ADD, descriptor, Self.oneRequest, watch: 0) }

  /// Waits for the next request of a connection that is in the set.
  func rearm(_ descriptor: Int32) { control(EPOLL_CTL_MOD, descriptor, Self.oneRequest, watch: 0) }

  /// Waits for the peer to leave while its request is being answered.
  ///
  /// - Parameter watch: tells this waiting from any other one on the same descriptor; not 0.
  func watch(_ descriptor: Int32, _ watch: UInt32) {
    control(
      EPOLL_CTL_MOD, descriptor, EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue, watch: watch)
  }

  /// Ends all waiting, now and later.
  func wakeAll() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, 8)
  }

  /// Waits until something happens to a connection.
  ///
  /// - Parameter isStopping: true to take only what has happened already.
  /// - Returns: `nil` when woken, or when nothing has happened.
  func wait(isStopping: Bool) -> Event? {
    var events = [epoll_event](repeating: epoll_event(), count: isStopping ? 2 : 1)
    let count = epoll_wait(set, &events, Int32(events.count), isStopping ? 0 : -1)
    guard count > 0 else { return nil }
    var found: Event?
    for event in events[..<Int(count)] {
      let descriptor = Int32(truncatingIfNeeded: event.data.u64)
      let watch = UInt32(truncatingIfNeeded: event.data.u64 >> 32)
      if descriptor == wakeUp { continue }
      if found == nil {
        found = watch == 0 ? .request(descriptor) : .hangUp(descriptor, watch: watch)
      } else if watch == 0 {
        rearm(descriptor)
      } else {
        self.watch(descriptor, watch)
      }
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

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ events: UInt32, watch: UInt32
  ) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = UInt64(watch) << 32 | UInt64(UInt32(bitPattern: descriptor))
    let result = epoll_ctl(set, operation, descriptor, &event)
    precondition(result == 0, "epoll_ctl: \(String(cString: strerror(errno)))")
  }
}
