import Chat
import FastCGI
import MySQLStore

/// `POST start`: a customer, a guest or a member of staff starts a chat.
enum StartEndpoint {
  @Sendable static func start(_ context: RequestContext) throws -> Response {
    let input = context.input
    let subject = try input.string("subject").flatMap { text throws(Failure) in
      try Texts.line(text, field: "subject", atMost: Texts.longestSubject)
    }
    let text = try firstMessage(input)
    let clientMessageID = try MessageEndpoint.clientMessageID(input)
    let guest = try Guest(input)
    var token: Token?
    let starter: PersonID
    if let identity = context.identity {
      starter = identity.person.id
      if starter.role == .guest {
        try context.store.updateGuest(starter.number, name: guest.name, email: guest.email)
      }
    } else {
      let made = Token()
      starter = PersonID(
        .guest,
        try context.store.makeGuest(
          tokenHash: made.hash, unusedToken: Token().text, name: guest.name, email: guest.email))
      token = made
    }
    let new = NewChat(
      starter: starter, partner: try partner(input, starter), subject: subject, text: text,
      clientMessageID: clientMessageID)
    return try reply(context, try context.store.start(new), starter, token)
  }

  private static func reply(
    _ context: RequestContext, _ started: StartedChat, _ starter: PersonID, _ token: Token?
  ) throws -> Response {
    guard let item = try context.store.chatListItem(started.chatID, for: starter) else {
      throw Failure.noSuchChat
    }
    let presence = try context.store.presence(of: item.shownPeople(for: starter))
    var response = Reply.success { writer in
      writer.field("chat_id", started.chatID)
      writer.field("status", item.chat.status.rawValue)
      writer.field("created", started.isNew)
      writer.field("message_id", started.messageID)
      if starter.role == .guest { writer.field("guest_id", starter.number) }
      if let token { writer.field("guest_token", token.text) }
      writer.field("chat") { writer in writer.fields(of: item, for: starter, presence) }
    }
    if let token {
      response.headers.append(
        Cookies.header(
          IdentityResolver.guestCookie, token.text,
          maximumAge: context.application.settings.guestTimeToLive, isSecure: context.isSecure))
    }
    return response
  }

  private static func firstMessage(_ input: Input) throws -> String? {
    guard let text = try input.string("message"), !text.isEmpty else { return nil }
    return try Texts.message(text)
  }

  /// The person a member of staff starts the chat with.
  private static func partner(_ input: Input, _ starter: PersonID) throws -> PersonID? {
    let roles: [(String, Role)]
    let sentence: String
    switch starter.role {
    case .customer, .guest: return nil
    case .worker:
      roles = [("user_id", .customer), ("admin_id", .admin)]
      sentence = "Name the customer (user_id) or the admin (admin_id) to chat with."
    case .admin:
      roles = [("user_id", .customer), ("worker_id", .worker)]
      sentence = "Name the customer (user_id) or the worker (worker_id) to chat with."
    }
    for (name, role) in roles {
      if let number = try input.identifier(name) { return PersonID(role, number) }
    }
    throw Failure(.invalid, sentence)
  }

  /// What a guest may say of themselves.
  private struct Guest {
    let name: String?
    let email: String?

    init(_ input: Input) throws {
      name = try input.string("name").flatMap { text throws(Failure) in
        try Texts.line(text, field: "name", atMost: 100)
      }
      email = try input.string("email").flatMap { text throws(Failure) in try Texts.email(text) }
    }
  }
}
