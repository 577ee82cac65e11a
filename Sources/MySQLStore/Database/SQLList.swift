extension SQL {
  /// `?, ?, …` for numbers.
  static func list(_ values: [Int64]) -> SQL {
    var list: SQL = ""
    for (index, value) in values.enumerated() { list += index == 0 ? "\(value)" : ", \(value)" }
    return list
  }

  /// `?, ?, …` for octets.
  static func list(_ values: [[UInt8]]) -> SQL {
    var list: SQL = ""
    for (index, value) in values.enumerated() { list += index == 0 ? "\(value)" : ", \(value)" }
    return list
  }
}

extension Array {
  /// The elements in parts of so many, for a transaction each; the last part may be smaller.
  func parts(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { start in
      Array(self[start..<Swift.min(start + count, self.count)])
    }
  }
}
