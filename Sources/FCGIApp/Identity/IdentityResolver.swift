import Chat
import FastCGI
import MySQLStore

/// Finds out, once per request, who its secrets prove: never by a parameter.
struct IdentityResolver: Sendable {
  /// The cookie of the program's own log-in.
  static let sessionCookie = "nati_chat_session"
  /// The cookie with a guest's token.
  static let guestCookie = "nati_chat_guest"

  let store: Store
  let phpSessions: PHPSessions?
  let sessionTimeToLive: Int
  let guestTimeToLive: Int

  /// All identities, in the order in which they are preferred: the PHP session's, the own
  /// session's, the guest's.
  ///
  /// - Parameter isAction: true for what a person does, which keeps sessions alive; false for what
  ///   a page asks by itself.
  func identities(of request: Request, isAction: Bool) throws -> [Identity] {
    var identities: [Identity] = []
    if let phpSessions, let file = phpSessions.file(of: request) {
      for id in phpSessions.identities(in: file) {
        if let person = try store.activePerson(id) {
          identities.append(Identity(person: person, proof: .phpSession))
        }
      }
      if isAction, !identities.isEmpty { phpSessions.renew(file) }
    }
    if let token = Self.sessionToken(of: request),
      let holder = try store.sessionOwner(tokenHash: token.hash)
    {
      if isAction, holder.isNoteDue {
        try store.touchSession(tokenHash: token.hash, timeToLive: sessionTimeToLive)
      }
      if !identities.contains(where: { $0.person.id == holder.person.id }) {
        identities.append(Identity(person: holder.person, proof: .session(tokenHash: token.hash)))
      }
    }
    if let token = Self.guestToken(of: request),
      let holder = try store.guest(tokenHash: token.hash, timeToLive: guestTimeToLive)
    {
      if isAction, holder.isNoteDue { try store.touchGuest(holder.person.id.number) }
      identities.append(Identity(person: holder.person, proof: .guest(tokenHash: token.hash)))
    }
    return identities
  }

  /// The one of the identities that the request acts as.
  ///
  /// - Throws: `unauthenticated` if there is none, `forbidden` if the one meant is not among them.
  static func actor(
    among identities: [Identity], input: Input, _ parameters: ActorParameters
  ) throws -> Identity {
    guard var actor = identities.first else {
      throw Failure(.unauthenticated, "Please log in first.")
    }
    var candidates = identities
    let refusal = Failure(.forbidden, "You are not logged in as the person this request names.")
    if let name = try input.string("as"), !name.isEmpty {
      let role = try ActorParameters.role(name)
      candidates = identities.filter { $0.person.id.role == role }
      guard let first = candidates.first else { throw refusal }
      actor = first
    }
    guard let requested = try parameters.requested(input) else { return actor }
    if let held = candidates.first(where: { requested.matches($0.person.id) }) { return held }
    if requested.mayBePartner, let staff = candidates.first(where: { $0.person.id.role.isStaff }) {
      return staff
    }
    throw refusal
  }

  /// Whether an identity still holds, for requests that wait; without SQL while upkeep runs.
  func validity(of identity: Identity, _ request: Request) -> @Sendable () -> Bool {
    let person = identity.person.id
    let file = phpSessions?.file(of: request)
    return { [self] in
      do {
        switch identity.proof {
        case .phpSession:
          guard let phpSessions, let file, phpSessions.identities(in: file).contains(person) else {
            return false
          }
          return try store.activePerson(person) != nil
        case .session(let hash): return try store.sessionOwner(tokenHash: hash)?.person.id == person
        case .guest(let hash):
          return try store.guest(tokenHash: hash, timeToLive: guestTimeToLive)?.person.id == person
        }
      } catch {
        // A database that is away for a moment ends nobody's log-in.
        return true
      }
    }
  }

  /// The token of the program's own session.
  static func sessionToken(of request: Request) -> Token? {
    Cookies.value(sessionCookie, in: request).flatMap { Token($0) }
  }

  private static func guestToken(of request: Request) -> Token? {
    let text = Cookies.value(guestCookie, in: request) ?? request.parameters["HTTP_X_GUEST_TOKEN"]
    return text.flatMap { Token($0) }
  }
}
