import Glibc

/// A web server's side of a connection (FastCGI Specification 1.0), as small as the tests need.
final class FastCGIClient: Sendable {
  struct Failure: Error {}

  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Failure() }
    var time = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends a request and receives its answer.
  func request(
    query: String = "", queryBytes: [UInt8]? = nil, body: [UInt8], recordSize: Int = 8_000
  ) throws -> [UInt8] {
    try send(query: query, queryBytes: queryBytes, body: body, recordSize: recordSize)
    return try receive()
  }

  func send(
    query: String, queryBytes: [UInt8]? = nil, body: [UInt8], contentLength: Int? = nil,
    recordSize: Int = 8_000
  ) throws {
    var bytes = record(1, [0, 1, 1, 0, 0, 0, 0, 0])
    bytes += record(
      4,
      pair("QUERY_STRING", queryBytes ?? Array(query.utf8))
        + pair("CONTENT_LENGTH", Array(String(contentLength ?? body.count).utf8)))
    bytes += record(4, [])
    for start in stride(from: 0, to: body.count, by: recordSize) {
      bytes += record(5, Array(body[start..<min(start + recordSize, body.count)]))
    }
    if contentLength == nil { bytes += record(5, []) }
    try write(bytes)
  }

  /// The octets of standard output up to the end of the request.
  func receive() throws -> [UInt8] {
    var output: [UInt8] = []
    while true {
      let header = try read(8)
      let content = try read(Int(header[4]) << 8 | Int(header[5]))
      _ = try read(Int(header[6]))
      if header[1] == 6 { output += content }
      if header[1] == 3 { return output }
    }
  }

  func write(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { throw Failure() }
      sent += count
    }
  }

  private func read(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let result = bytes[received...].withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      guard result > 0 else { throw Failure() }
      received += result
    }
    return bytes
  }

  private func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
    [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
  }

  private func pair(_ name: String, _ value: [UInt8]) -> [UInt8] {
    [UInt8(name.utf8.count), UInt8(value.count)] + Array(name.utf8) + value
  }
}
