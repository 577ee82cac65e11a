import Chat
import FastCGI
import MySQLStore

/// What links in mails lead to: `GET unsubscribe`, `POST unsubscribe` and `POST return`.
enum LinkEndpoints {
  private static let refusal = Failure(
    .invalid, "This link does not work any more. Please open the chat on our site.")

  /// A person's click: the page asks before anything happens, since mail programs open links, too.
  @Sendable static func showUnsubscribe(_ context: RequestContext) throws -> Response {
    _ = try link(context)
    let site = context.application.settings.notifications.siteURL ?? ""
    let token = try context.input.string("token") ?? ""
    return Response(
      status: 303,
      headers: [
        (name: "Location", value: "\(site)/chat-unsubscribe#\(token)"),
        (name: "Cache-Control", value: "no-store"),
      ])
  }

  /// The page's button, or a mail program's (RFC 8058).
  @Sendable static func unsubscribe(_ context: RequestContext) throws -> Response {
    guard case .unsubscribe(let person) = try link(context) else { throw refusal }
    var preferences = try context.store.preferences(of: person)
    preferences.mailEnabled = false
    try context.store.setPreferences(of: person, preferences)
    return Reply.success()
  }

  /// A guest comes back: this browser gets the chat, and any other one of theirs loses it.
  @Sendable static func comeBack(_ context: RequestContext) throws -> Response {
    guard case .guest(let number, let chatID, _) = try link(context) else { throw refusal }
    let guest = PersonID(.guest, number)
    let reply = Reply.success { writer in
      writer.field("guest_id", number)
      writer.field("chat_id", chatID)
    }
    if context.identities.contains(where: { $0.person.id == guest }) { return reply }
    let token = Token()
    guard try context.store.renewGuest(number, tokenHash: token.hash) else { throw refusal }
    var response = reply
    response.headers.append(
      Cookies.header(
        IdentityResolver.guestCookie, token.text,
        maximumAge: context.application.settings.guestTimeToLive, isSecure: context.isSecure))
    return response
  }

  private static func link(_ context: RequestContext) throws -> SignedLink {
    guard let token = try context.input.string("token"),
      let secret = context.application.settings.notifications.secret,
      let link = SignedLink(token, secret)
    else { throw refusal }
    return link
  }
}
