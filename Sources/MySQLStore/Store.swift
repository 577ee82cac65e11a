import Chat

/// All the SQL of the product: what the endpoints ask of the database, a file for each aggregate.
///
/// Every statement names its columns, takes its values as parameters and, where somebody's access
/// depends on it, has that in its WHERE clause.
public struct Store: Sendable {
  /// The connections.
  public let database: Database
  /// What this install's tables have beyond the columns that all have.
  public let site: SiteSchema
  /// 16 random octets that name this process to the others, for leases and claims.
  let owner = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
  let people = RefreshedCache<PersonID, KnownPerson>(capacity: 50_000)
  let sessions = RefreshedCache<[UInt8], TokenHolder>(capacity: 50_000)
  let guests = RefreshedCache<[UInt8], TokenHolder>(capacity: 50_000)

  /// Looks at the site's tables once.
  ///
  /// - Throws: ``DatabaseError`` if the database cannot be reached.
  public init(database: Database) throws {
    self.database = database
    self.site = try database.read { session in try SiteSchema.read(session) }
  }
}

extension Row {
  /// A column of a role, as `sender_type` spells it.
  func role(_ column: Int) throws -> Role? {
    try optionalString(column).flatMap { Role(rawValue: $0) }
  }
}
