import CMariaDB

/// The memory that the values of a statement's parameters lie in while it executes.
///
/// Only `bind` knows the addresses; they stay valid until the next one, which is more than
/// `mysql_stmt_execute` needs.
struct ParameterBuffer: ~Copyable {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
  private var binds: [MYSQL_BIND] = []

  deinit { memory.deallocate() }

  /// Copies the values and lends their bindings to the body.
  mutating func bind<T>(
    _ values: [SQLValue], _ body: (UnsafeMutablePointer<MYSQL_BIND>?) -> T
  ) -> T {
    reserve(values.reduce(0) { $0 + Self.size(of: $1) })
    if binds.count != values.count {
      binds = [MYSQL_BIND](repeating: MYSQL_BIND(), count: values.count)
    }
    var offset = 0
    for (index, value) in values.enumerated() {
      binds[index] = bind(value, at: offset)
      offset += Self.size(of: value)
    }
    return binds.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }

  private func bind(_ value: SQLValue, at offset: Int) -> MYSQL_BIND {
    var bind = MYSQL_BIND()
    // Never a null pointer: libmariadb would take it for NULL instead of an empty text.
    bind.buffer = memory.baseAddress.map { $0 + offset }
    switch value {
    case .null:
      bind.buffer_type = MYSQL_TYPE_NULL
    case .integer(let number):
      bind.buffer_type = MYSQL_TYPE_LONGLONG
      memory.storeBytes(of: number, toByteOffset: offset, as: Int64.self)
    case .text(var text):
      bind.buffer_type = MYSQL_TYPE_STRING
      bind.buffer_length = UInt(
        text.withUTF8 { bytes in
          copy(UnsafeRawBufferPointer(bytes), to: offset)
          return bytes.count
        })
    case .bytes(let bytes):
      bind.buffer_type = MYSQL_TYPE_BLOB
      bind.buffer_length = UInt(bytes.count)
      bytes.withUnsafeBytes { copy($0, to: offset) }
    }
    return bind
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, to offset: Int) {
    UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyMemory(from: bytes)
  }

  private mutating func reserve(_ size: Int) {
    guard size >= memory.count else { return }
    memory.deallocate()
    memory = .allocate(byteCount: size * 2, alignment: 8)
  }

  /// The octets of a value, rounded up so that numbers stay aligned.
  private static func size(of value: SQLValue) -> Int {
    switch value {
    case .null: 8
    case .integer: 8
    case .text(let text): (text.utf8.count + 8) / 8 * 8
    case .bytes(let bytes): (bytes.count + 8) / 8 * 8
    }
  }
}
