import Glibc

/// Where a server listens.
public enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// A unix socket.
  case unix(path: String)
  /// A TCP port.
  case tcp(host: String, port: UInt16)
  /// A listening socket that whoever started the program left open.
  case inherited(descriptor: Int32)

  /// Reads `unix:/path`, `host:port` (`[::1]:9000` for IPv6) or `fd:0`.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      // sun_path has 108 octets with its NUL (unix(7)).
      guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
      self = .unix(path: path)
    } else if text.hasPrefix("fd:") {
      guard let descriptor = Int32(text.dropFirst(3)), descriptor >= 0 else { return nil }
      self = .inherited(descriptor: descriptor)
    } else {
      guard let colon = text.lastIndex(of: ":"),
        let port = UInt16(text[text.index(after: colon)...]), port > 0
      else { return nil }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      guard !host.isEmpty else { return nil }
      self = .tcp(host: String(host), port: port)
    }
  }

  /// The form that ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .inherited(let descriptor): "fd:\(descriptor)"
    }
  }

  /// Whether a descriptor is a listening socket (socket(7), `SO_ACCEPTCONN`).
  public static func descriptorListens(_ descriptor: Int32) -> Bool {
    var accepts: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts != 0
  }
}
