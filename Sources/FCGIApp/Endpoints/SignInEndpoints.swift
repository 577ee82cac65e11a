import Chat
import FastCGI
import MySQLStore

/// `POST login`, `POST logout`, `GET me` and `GET allows`.
enum SignInEndpoints {
  @Sendable static func logIn(_ context: RequestContext) throws -> Response {
    let input = context.input
    let application = context.application
    let login =
      try input.string("email") ?? input.string("username") ?? input.string("login") ?? ""
    let password = try input.string("password") ?? ""
    if login.isEmpty || password.isEmpty || login.utf8.count > 255 || password.utf8.count > 1_024 {
      throw Failure(.invalid, "Give the e-mail address or user name, and the password.")
    }
    let role = try input.string("role").flatMap { name throws(Failure) in
      name.isEmpty ? nil : try ActorParameters.role(name)
    }
    let account = try application.signIn.account(
      login: login, password: password, role: role, address: context.address)
    // A log-in never goes on with the token that was there before it.
    if let earlier = IdentityResolver.sessionToken(of: context.request) {
      try context.store.endSession(tokenHash: earlier.hash)
    }
    let token = try application.signIn.beginSession(
      account, timeToLive: application.settings.sessionTimeToLive)
    var response = Reply.success { writer in writer.field("user", person: account.person) }
    response.headers.append(
      Cookies.header(
        IdentityResolver.sessionCookie, token.text,
        maximumAge: application.settings.sessionTimeToLive, isSecure: context.isSecure))
    return response
  }

  @Sendable static func logOut(_ context: RequestContext) throws -> Response {
    if let token = IdentityResolver.sessionToken(of: context.request) {
      try context.store.endSession(tokenHash: token.hash)
    }
    var response = Reply.success()
    response.headers.append(
      Cookies.header(
        IdentityResolver.sessionCookie, "", maximumAge: 0, isSecure: context.isSecure))
    return response
  }

  /// For the web server, before it sends a role's page: 204, or 401 or 403 without a page.
  @Sendable static func allows(_ context: RequestContext) throws -> Response {
    guard let name = try context.input.string("role"), !name.isEmpty else {
      throw Failure(.invalid, "role is missing.")
    }
    let role = try ActorParameters.role(name)
    if context.identities.contains(where: { $0.person.id.role == role }) {
      return Response(status: 204, headers: [(name: "Cache-Control", value: "no-store")])
    }
    guard context.identities.contains(where: { $0.person.id.role != .guest }) else {
      throw Failure(.unauthenticated, "Please log in first.")
    }
    throw Failure(.forbidden, "This page is for others.")
  }

  @Sendable static func me(_ context: RequestContext) throws -> Response {
    Reply.success { writer in
      writer.field("user", person: context.identity?.person)
      writer.field("identities", array: context.identities) { writer, identity in
        writer.fields(of: identity.person)
      }
    }
  }
}
