import Glibc

/// Why a server cannot listen.
public struct ListenError: Error, CustomStringConvertible, Sendable {
  /// A sentence that names the address.
  public let description: String
}

/// A listening socket of our own.
///
/// `FCGX_OpenSocket` would end the program on any failure and set no permissions.
public struct Listener: Sendable {
  /// The listening socket; close-on-exec and non-blocking.
  let descriptor: Int32
  private let path: String?

  /// Listens.
  ///
  /// A socket file that nobody listens on any more is replaced.
  ///
  /// - Parameters:
  ///   - address: where.
  ///   - mode: the permissions of a unix socket.
  /// - Throws: ``ListenError``.
  public init(_ address: ListenAddress, mode: UInt32 = 0o660) throws(ListenError) {
    switch address {
    case .unix(let path):
      descriptor = try Self.listenUnix(path, mode)
      self.path = path
    case .tcp(let host, let port):
      descriptor = try Self.listenTCP(host, port)
      path = nil
    case .inherited(let number):
      guard ListenAddress.descriptorListens(number) else {
        throw ListenError(description: "Descriptor \(number) is not a listening socket.")
      }
      descriptor = number
      path = nil
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  /// Takes no more connections and removes the socket file.
  func close() {
    Glibc.close(descriptor)
    if let path { unlink(path) }
  }

  private static func listenUnix(_ path: String, _ mode: UInt32) throws(ListenError) -> Int32 {
    try removeStale(path)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw failure("unix:\(path)") }
    // The file is made with the final permissions: there is no moment with wider ones.
    let earlier = umask(0o777 & ~mode_t(mode))
    let result = withUnixAddress(path) { address, size in bind(descriptor, address, size) }
    let reason = errno
    umask(earlier)
    guard result == 0, listen(descriptor, 4_096) == 0 else {
      if result != 0 { errno = reason }
      defer { Glibc.close(descriptor) }
      throw failure("unix:\(path)")
    }
    return descriptor
  }

  private static func removeStale(_ path: String) throws(ListenError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ListenError(description: "Cannot listen on unix:\(path): there is another file.")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(probe) }
    let result = withUnixAddress(path) { address, size in connect(probe, address, size) }
    if result == 0 || errno != ECONNREFUSED {
      throw ListenError(
        description: "Cannot listen on unix:\(path): another program listens there.")
    }
    unlink(path)
  }

  private static func withUnixAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      buffer.copyBytes(from: path.utf8.prefix(buffer.count - 1))
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func listenTCP(_ host: String, _ port: UInt16) throws(ListenError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let info = found else {
      throw ListenError(description: "Cannot listen on \(host):\(port): no such host.")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(info.pointee.ai_family, info.pointee.ai_socktype, 0)
    guard descriptor >= 0 else { throw failure("\(host):\(port)") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0,
      listen(descriptor, 4_096) == 0
    else {
      defer { Glibc.close(descriptor) }
      throw failure("\(host):\(port)")
    }
    return descriptor
  }

  private static func failure(_ address: String) -> ListenError {
    ListenError(description: "Cannot listen on \(address): \(String(cString: strerror(errno))).")
  }
}
