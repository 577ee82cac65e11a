import Chat

/// Somebody whom a secret of the request proves.
struct Identity: Sendable {
  /// Who.
  let person: Person
  /// The secret.
  let proof: Proof

  /// What proves an identity.
  enum Proof: Sendable {
    /// The site's PHP session.
    case phpSession
    /// A session of the program's own log-in, by the hash of its cookie.
    case session(tokenHash: [UInt8])
    /// A guest's token, by its hash.
    case guest(tokenHash: [UInt8])
  }
}

/// Whom a request says it acts as; it must be one of the identities that its secrets prove.
struct RequestedActor: Sendable {
  /// The role, if it is named.
  let role: Role?
  /// The number, if it is named.
  let number: Int64?
  /// True where other parameters than `as` named it and may mean the other side instead.
  var mayBePartner = false

  /// Whether the identity is the one meant.
  func matches(_ id: PersonID) -> Bool {
    (role == nil || role == id.role) && (number == nil || number == id.number)
  }
}
