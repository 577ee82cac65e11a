import Chat
import Crypto
import FoundationEssentials

/// Why migrations cannot be run.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
  /// A sentence that names the file.
  public let description: String
}

/// One file to run.
public struct MigrationStep: Sendable, Equatable, CustomStringConvertible {
  /// The migration, such as `0001_chat_tables`.
  public let name: String
  /// False if it is taken back.
  public let isForward: Bool

  /// The file's name.
  public var description: String { isForward ? "\(name).sql" : "\(name).down.sql" }
}

/// Applies the files of a folder in order, each once, and records them.
///
/// DDL commits by itself, so that no transaction protects a file: every statement in it can be run
/// again instead. A file run by hand records itself without a checksum, which is then adopted.
public struct Migrator {
  private let database: Database
  private let folder: String
  private let names: [String]

  /// Reads the folder's list of files.
  ///
  /// - Throws: ``MigrationError``.
  public init(database: Database, folder: String) throws {
    self.database = database
    self.folder = folder
    guard let files = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw MigrationError(
        description: "The folder of migrations cannot be read: \(folder)."
          + " Set NATI_CHAT_MIGRATIONS.")
    }
    names = files.filter { $0.hasSuffix(".sql") && !$0.hasSuffix(".down.sql") }
      .map { String($0.dropLast(4)) }.filter { Self.number($0) != nil }.sorted()
    if names.isEmpty { throw MigrationError(description: "There are no migrations in \(folder).") }
    if Set(names.map(Self.number)).count != names.count {
      throw MigrationError(description: "Two migrations in \(folder) have the same number.")
    }
  }

  /// What ``migrate(to:)`` would run.
  ///
  /// - Parameter to: the number of the migration to end with; 0 takes all back, `nil` is the newest.
  /// - Throws: ``MigrationError`` if a recorded file has changed, ``DatabaseError``.
  public func plan(to target: Int?) throws -> [MigrationStep] {
    let recorded = try recorded()
    for (name, checksum) in recorded {
      guard names.contains(name) else {
        throw MigrationError(
          description: "The database has migration \(name), which this program does not know.")
      }
      if let checksum, try checksum != Self.checksum(read("\(name).sql")) {
        throw MigrationError(
          description: "\(name).sql was changed after it had been applied. Nothing was run.")
      }
    }
    let last = target ?? Int.max
    let known = Set(names.compactMap(Self.number) + [0])
    if let target, !known.contains(target) {
      throw MigrationError(description: "There is no migration with the number \(target).")
    }
    let isApplied = Set(recorded.map { $0.name })
    let back = names.reversed().filter { isApplied.contains($0) && Self.number($0) ?? 0 > last }
    let forward = names.filter { !isApplied.contains($0) && Self.number($0) ?? 0 <= last }
    return back.map { MigrationStep(name: $0, isForward: false) }
      + forward.map { MigrationStep(name: $0, isForward: true) }
  }

  /// Runs what is to be run.
  ///
  /// - Returns: what was run.
  /// - Throws: ``MigrationError``, ``DatabaseError``.
  public func migrate(to target: Int?) throws -> [MigrationStep] {
    let steps = try plan(to: target)
    for step in steps {
      let statements = SQLScript.statements(try read("\(step)"))
      try database.read { session in
        for statement in statements { try session.run(unsafeText: statement) }
      }
    }
    try adoptChecksums()
    return steps
  }

  /// Gives files that were just run, or run by hand, the checksum of their text.
  private func adoptChecksums() throws {
    let recorded = try recorded()
    for (name, checksum) in recorded where checksum == nil && names.contains(name) {
      let checksum = Self.checksum(try read("\(name).sql"))
      try database.transaction { session in
        try session.execute(
          """
          UPDATE tbl_chat_migrations SET checksum = \(checksum)
          WHERE name = \(name) AND checksum IS NULL
          """)
      }
    }
  }

  private func recorded() throws -> [(name: String, checksum: String?)] {
    try database.read { session in try Self.recorded(session) }
  }

  private static func recorded(
    _ session: borrowing DatabaseSession
  ) throws -> [(name: String, checksum: String?)] {
    let exists = try session.first(
      """
      SELECT TABLE_NAME FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'tbl_chat_migrations'
      """
    ) { row in try row.string(0) }
    guard exists != nil else { return [] }
    return try session.query("SELECT name, checksum FROM tbl_chat_migrations ORDER BY name") {
      row in
      (name: try row.string(0), checksum: try row.optionalString(1))
    }
  }

  private func read(_ file: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)"),
      let text = String(validating: data, as: UTF8.self)
    else { throw MigrationError(description: "\(folder)/\(file) cannot be read.") }
    return text
  }

  private static func checksum(_ text: String) -> String {
    Hexadecimal.encode(SHA256.hash(data: Array(text.utf8)))
  }

  /// The four digits in front.
  private static func number(_ name: String) -> Int? {
    guard name.utf8.count > 5, name.utf8.dropFirst(4).first == UInt8(ascii: "_") else { return nil }
    return Int(name.prefix(4))
  }
}
