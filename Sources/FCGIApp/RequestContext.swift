import Chat
import FastCGI
import MySQLStore

/// One request on its way to an endpoint.
struct RequestContext: Sendable {
  let application: Application
  let request: Request
  let input: Input
  /// All that the request's secrets prove.
  let identities: [Identity]
  /// The one it acts as; `nil` only where the route lets nobody in particular through.
  let identity: Identity?
  /// For an answer that comes later.
  let answer: Answer

  var store: Store { application.store }

  /// Who acts.
  ///
  /// - Throws: `unauthenticated` if nobody does.
  var actor: PersonID {
    get throws(Failure) {
      guard let identity else { throw Failure(.unauthenticated, "Please log in first.") }
      return identity.person.id
    }
  }

  /// Whether cookies are to be marked Secure.
  var isSecure: Bool {
    let https = request.parameters["HTTPS"] ?? ""
    return !https.isEmpty && https != "off"
  }

  /// The address of the client, as the web server tells it.
  var address: String { request.parameters["REMOTE_ADDR"] ?? "" }
}
