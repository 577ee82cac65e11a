import Glibc

/// One session file of PHP's `files` handler; read, never written.
struct PHPSessionFile {
  /// Where it is.
  let path: String

  private static let largestFile = 1 << 20
  private static let patience = 0.25

  /// The file of a session identifier; `nil` if PHP would never make such an identifier.
  ///
  /// The alphabet is checked before the text touches a path.
  init?(folder: String, identifier: String) {
    let length = identifier.utf8.count
    guard (22...256).contains(length), identifier.utf8.allSatisfy(Self.isAllowed) else {
      return nil
    }
    path = "\(folder)/sess_\(identifier)"
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ","), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Seconds between two renewals of a file's times.
  private static let renewedEvery = 300

  /// What reading found.
  enum Content {
    /// No such file.
    case missing
    /// The session's values.
    case values([String: PHPSerialization.Value])
    /// Something is there that is no session, or that cannot be read.
    case unreadable(String)
  }

  /// Reads without waiting for a PHP request that holds the file.
  ///
  /// PHP keeps an exclusive lock for a whole request and rewrites the file in place. With a shared
  /// lock the content is whole; without one it is taken when two readings agree and parse.
  func read() -> Content {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      return errno == ENOENT ? .missing : .unreadable("cannot be opened: \(reason(errno))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .unreadable("is not a file")
    }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
      guard let bytes = content(descriptor) else { return .unreadable("cannot be read") }
      guard let values = try? PHPSerialization.session(bytes) else {
        return .unreadable("is not a PHP session")
      }
      return .values(values)
    }
    return readBesideWriter(descriptor)
  }

  private func readBesideWriter(_ descriptor: Int32) -> Content {
    var previous: [UInt8]?
    var waited = 0.0
    while waited < Self.patience {
      guard let bytes = content(descriptor) else { return .unreadable("cannot be read") }
      if bytes == previous, let values = try? PHPSerialization.session(bytes) {
        return .values(values)
      }
      previous = bytes
      usleep(5_000)
      waited += 0.005
    }
    return .unreadable("is being written")
  }

  private func content(_ descriptor: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    var count = 0
    while true {
      let read = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(count))
      }
      if read < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if read == 0 { break }
      count += read
      if count == bytes.count {
        if count >= Self.largestFile { return nil }
        bytes.append(contentsOf: [UInt8](repeating: 0, count: bytes.count))
      }
    }
    return Array(bytes[..<count])
  }

  /// What tells one writing of the file from another; `nil` if it is not there.
  func version() -> Version? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return Version(
      inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  /// Number, size and time of the last change of a file.
  struct Version: Equatable, Sendable {
    let inode: ino_t
    let size: off_t
    let seconds: Int
    let nanoseconds: Int
  }

  /// Sets the file's times to now, as a PHP page would, if that was not done in five minutes:
  /// PHP removes files that no request touched, also under a customer who only chats.
  ///
  /// - Returns: false if the times could not be set.
  func renew() -> Bool {
    if let version = version(), time(nil) - version.seconds < Self.renewedEvery { return true }
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    if time(nil) - status.st_mtim.tv_sec < Self.renewedEvery { return true }
    return futimens(descriptor, nil) == 0
  }

  private func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
