import CMariaDB

/// The memory that the columns of a statement's rows are fetched into: one allocation for all.
///
/// Texts get a small place; one that is longer is fetched by itself, and the place is made larger
/// for the next execution.
final class ColumnBuffer {
  private struct Column {
    let isInteger: Bool
    let isUnsigned: Bool
    /// The size of its place now, and at the next execution.
    var capacity: Int
    var nextCapacity: Int
    var offset = 0
  }

  private static let smallestText = 256
  private static let largestText = 16_384

  /// Behind the values: for each column its length, and whether it is NULL or was cut.
  private struct Status {
    var length: UInt = 0
    var isNull: my_bool = 0
    var isCut: my_bool = 0
  }

  private var columns: [Column] = []
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private let status: UnsafeMutablePointer<Status>

  init(_ metadata: UnsafeMutablePointer<MYSQL_RES>) {
    let count = Int(mysql_num_fields(metadata))
    let fields = mysql_fetch_fields(metadata)
    for index in 0..<count {
      guard let field = fields?[index] else { continue }
      let isInteger = Self.isInteger(field.type)
      let capacity = isInteger ? 8 : min(Self.smallestText, max(Int(field.length), 8))
      columns.append(
        Column(
          isInteger: isInteger, isUnsigned: field.flags & UInt32(UNSIGNED_FLAG) != 0,
          capacity: capacity, nextCapacity: capacity))
    }
    status = .allocate(capacity: count)
    status.initialize(repeating: Status(), count: count)
    allocate()
  }

  deinit {
    memory.deallocate()
    status.deinitialize(count: columns.count)
    status.deallocate()
  }

  private static func isInteger(_ type: enum_field_types) -> Bool {
    switch type {
    case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
      MYSQL_TYPE_YEAR:
      true
    default: false
    }
  }

  private func allocate() {
    var size = 0
    for index in columns.indices {
      columns[index].capacity = columns[index].nextCapacity
      columns[index].offset = size
      size += (columns[index].capacity + 7) / 8 * 8
    }
    if size > memory.count {
      memory.deallocate()
      memory = .allocate(byteCount: size, alignment: 8)
    }
  }

  /// Lends bindings of all columns; the addresses stay valid until the next call.
  func bind<T>(_ body: (UnsafeMutablePointer<MYSQL_BIND>?) -> T) -> T {
    allocate()
    var binds = columns.indices.map { index in
      let column = columns[index]
      var bind = MYSQL_BIND()
      bind.buffer_type = column.isInteger ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING
      bind.is_unsigned = column.isUnsigned ? 1 : 0
      bind.buffer = memory.baseAddress.map { $0 + column.offset }
      bind.buffer_length = UInt(column.capacity)
      bind.length = (status + index).pointer(to: \.length)
      bind.is_null = (status + index).pointer(to: \.isNull)
      bind.error = (status + index).pointer(to: \.isCut)
      return bind
    }
    return binds.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }

  /// Whether the column is NULL; then everything else about it is the row's before.
  func isNull(_ index: Int) -> Bool { status[index].isNull != 0 }

  /// A number; `nil` for a column of another type, or one too large for the type.
  func integer(_ index: Int) -> Int64? {
    let column = columns[index]
    guard column.isInteger else { return nil }
    let number = memory.load(fromByteOffset: column.offset, as: Int64.self)
    return column.isUnsigned && number < 0 ? nil : number
  }

  /// The octets of a text, as far as they are here; `nil` for a column of numbers.
  func octets(_ index: Int) -> UnsafeRawBufferPointer? {
    let column = columns[index]
    guard !column.isInteger else { return nil }
    let length = min(Int(status[index].length), column.capacity)
    return UnsafeRawBufferPointer(
      rebasing: memory[column.offset..<(column.offset + length)])
  }

  /// The whole length of a text that did not fit; `nil` if it did.
  func cutLength(_ index: Int) -> Int? {
    let length = Int(status[index].length)
    guard length > columns[index].capacity else { return nil }
    columns[index].nextCapacity = min(length * 2, Self.largestText)
    return length
  }
}
