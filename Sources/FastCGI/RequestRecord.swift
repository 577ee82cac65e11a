import CFastCGI

/// The one owner of an `FCGX_Request`.
///
/// libfcgi's streams keep a pointer to the request, so it stands at an address of its own until
/// `deinit`. Two of its fields are marked for libfcgi's own use; this file is the only one that
/// touches them: `ipcFd`, to hand libfcgi a connection that is ours, and `keepConnection`, so that
/// `FCGX_Accept_r` does not close that connection when it finishes "the request before"
/// (fcgiapp.c, `FCGX_Accept_r`, `FCGX_Finish_r`).
//
// Unchecked: the pointer is used by one thread at a time. The worker that reads the request hands
// the record to the responder, whose mutex gives it to one answering thread.
final class RequestRecord: @unchecked Sendable {
  private let request: UnsafeMutablePointer<FCGX_Request>

  init() {
    request = .allocate(capacity: 1)
    request.initialize(to: FCGX_Request())
  }

  deinit {
    request.deinitialize(count: 1)
    request.deallocate()
  }

  /// Reads parameters and body of the next request of a connection.
  ///
  /// - Returns: `nil` if the peer left or broke the protocol; libfcgi has then closed the
  ///   connection.
  func read(from descriptor: Int32, maximumBodyBytes: Int) -> Request? {
    FCGX_InitRequest(request, -1, 0)
    request.pointee.ipcFd = descriptor
    request.pointee.keepConnection = 1
    guard FCGX_Accept_r(request) == 0, let environment = request.pointee.envp else { return nil }
    let parameters = Parameters(environment: environment)
    let length = parameters["CONTENT_LENGTH"].flatMap { Int($0) } ?? 0
    let isTooLarge = length > maximumBodyBytes
    guard let body = readBody(length: length, keeping: !isTooLarge) else {
      close()
      return nil
    }
    return Request(parameters: parameters, body: body, bodyIsTooLarge: isTooLarge)
  }

  /// Reads to the end of the input, so that nothing of this request is left for the next one.
  ///
  /// - Returns: `nil` if the peer left before it had sent what it announced.
  private func readBody(length: Int, keeping: Bool) -> [UInt8]? {
    var body: [UInt8] = []
    var total = 0
    // One octet more than announced, so that the end of the stream is read, too.
    var chunk = [UInt8](repeating: 0, count: min(length + 1, 65_536))
    while true {
      let count = chunk.withUnsafeMutableBytes { buffer in
        Int(
          FCGX_GetStr(
            buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count),
            request.pointee.in))
      }
      total += count
      if keeping { body.append(contentsOf: chunk[..<count]) }
      if count < chunk.count || total > length { break }
    }
    guard FCGX_GetError(request.pointee.in) == 0, total == length else { return nil }
    return body
  }

  /// Writes the answer and ends the request.
  ///
  /// - Returns: the connection, if it can serve another request; otherwise it is closed.
  func finish(_ response: Response, keepsConnection: Bool) -> Int32? {
    let bytes = response.serialized()
    let written = bytes.withUnsafeBytes { buffer in
      FCGX_PutStr(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count),
        request.pointee.out)
    }
    if written != Int32(bytes.count) || !keepsConnection { request.pointee.keepConnection = 0 }
    if request.pointee.keepConnection == 0 {
      // Without this libfcgi would wait up to two seconds for the peer to close its side.
      FCGX_Detach(request)
    }
    FCGX_Finish_r(request)
    let descriptor = request.pointee.ipcFd
    return descriptor >= 0 ? descriptor : nil
  }

  /// Gives a request up without an answer and closes its connection.
  func close() {
    FCGX_Detach(request)
    FCGX_Free(request, 1)
  }
}

/// `strlen` as `Int`.
func lengthOfText(_ text: UnsafePointer<CChar>) -> Int {
  var length = 0
  while text[length] != 0 { length += 1 }
  return length
}
