import Glibc
import Logging
import Threads

/// Writes each log entry as one line to standard error, in one system call.
///
/// The handler of swift-log asks the system for time zone and calendar with every line; under load
/// that was a tenth of a request. Here the time is UTC (RFC 3339) and made once a second.
struct LineLogHandler: LogHandler {
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]
  private let clock = SecondClock()

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = clock.timestamp()
    line += " "
    line += event.level.rawValue
    line += " "
    line += "\(event.message)"
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
    line += "\n"
    line.withUTF8 { bytes in
      // A log that cannot be written must not stop the chat.
      _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}

/// The time of day as text, made anew when the second changes.
private final class SecondClock: Sendable {
  private let made = Lock((second: 0, text: ""))

  func timestamp() -> String {
    let second = time(nil)
    return made.withLock { made in
      if made.second != second { made = (second: second, text: Self.text(second)) }
      return made.text
    }
  }

  private static func text(_ second: Int) -> String {
    var second = second
    var parts = tm()
    gmtime_r(&second, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
