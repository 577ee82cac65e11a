/// The parameters of a request, as the web server sent them: octets, not yet text.
///
/// All of them lie in one buffer; a look-up is a scan, since there are few and most are never asked.
public struct Parameters: Sendable {
  private struct Entry {
    let name: Range<Int>
    let value: Range<Int>
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []

  /// Takes names and values; of a repeated name the first counts.
  public init(_ pairs: [(name: String, value: String)]) {
    for pair in pairs { append(Array("\(pair.name)=\(pair.value)".utf8)) }
  }

  /// Copies `NAME=value` texts that end with a NUL, up to a null pointer.
  init(environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
    bytes.reserveCapacity(2_048)
    entries.reserveCapacity(32)
    var entry = environment
    while let text = entry.pointee {
      append(
        UnsafeRawBufferPointer(start: UnsafeRawPointer(text), count: lengthOfText(text)))
      entry += 1
    }
  }

  private mutating func append(_ pair: some Collection<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: pair)
    guard let equals = bytes[start...].firstIndex(of: UInt8(ascii: "=")) else { return }
    entries.append(Entry(name: start..<equals, value: (equals + 1)..<bytes.count))
  }

  /// The value as text; `nil` if it is missing or not UTF-8.
  public subscript(_ name: StaticString) -> String? {
    guard let range = range(of: name) else { return nil }
    return String(validating: bytes[range], as: UTF8.self)
  }

  /// The value's octets; `nil` if it is missing.
  public func bytes(_ name: StaticString) -> [UInt8]? {
    range(of: name).map { Array(bytes[$0]) }
  }

  private func range(of name: StaticString) -> Range<Int>? {
    let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    return bytes.withUnsafeBufferPointer { buffer in
      entries.first { entry in
        entry.name.count == wanted.count && buffer[entry.name].elementsEqual(wanted)
      }?.value
    }
  }
}

/// One request, copied out of the connection.
public struct Request: Sendable {
  /// The CGI variables (RFC 3875, 4.1).
  public let parameters: Parameters
  /// The body; empty if it is too large.
  public let body: [UInt8]
  /// True if the body was larger than the server takes; it was read and thrown away.
  public let bodyIsTooLarge: Bool

  /// Makes a request.
  public init(parameters: Parameters, body: [UInt8] = [], bodyIsTooLarge: Bool = false) {
    self.parameters = parameters
    self.body = body
    self.bodyIsTooLarge = bodyIsTooLarge
  }
}
