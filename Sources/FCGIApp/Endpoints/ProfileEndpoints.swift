import Chat
import FastCGI
import MySQLStore

/// `GET profile` and `POST profile`: a person's own data.
enum ProfileEndpoints {
  @Sendable static func show(_ context: RequestContext) throws -> Response {
    try profile(context, try context.actor)
  }

  @Sendable static func change(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    var change = ProfileChange()
    change.name = try required(input, "name", atMost: 100)
    change.phone = try required(input, "phone", atMost: 20)
    change.carBrand = try required(input, "car_brand", atMost: 100)
    if actor.role != .customer, change.phone != nil || change.carBrand != nil {
      throw Failure(.invalid, "Only customers have a phone number and a car brand.")
    }
    change.notificationPreferences = try preferences(input, actor)
    try changePassword(context, actor)
    try context.store.changeProfile(of: actor, change)
    return try profile(context, actor)
  }

  private static func profile(_ context: RequestContext, _ actor: PersonID) throws -> Response {
    guard let profile = try context.store.profile(actor) else {
      throw Failure(.unauthenticated, "This account does not exist any more.")
    }
    return Reply.success { writer in
      writer.field("profile") { writer in
        writer.fields(of: profile.person)
        writer.field("email", profile.contact.email)
        writer.field("phone", profile.contact.phone)
        writer.field("car_brand", profile.contact.carBrand)
        writer.field("username", profile.contact.username)
        writer.field("notification_preferences", json: profile.notificationPreferences)
      }
    }
  }

  /// A field that is left alone if it is not sent, and must have something if it is.
  private static func required(_ input: Input, _ name: String, atMost limit: Int) throws -> String?
  {
    guard let text = try input.string(name) else { return nil }
    guard let line = try Texts.line(text, field: name, atMost: limit) else {
      throw Failure(.invalid, "\(name) is empty.")
    }
    return line
  }

  private static func preferences(_ input: Input, _ actor: PersonID) throws -> String? {
    guard let fields = try input.object("notification_preferences") else { return nil }
    guard actor.role == .customer else {
      throw Failure(.invalid, "Only customers have notification_preferences here.")
    }
    var writer = JSONWriter()
    var wrong = !Set(fields.keys).isSubset(of: ["email", "telegram", "web"])
    writer.object { writer in
      for (name, key) in [
        ("email", "email" as StaticString), ("telegram", "telegram"), ("web", "web"),
      ] {
        switch fields[name] {
        case .boolean(let flag): writer.field(key, flag)
        case nil: break
        default: wrong = true
        }
      }
    }
    if wrong {
      throw Failure(
        .invalid, "notification_preferences takes email, telegram and web, true or false.")
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func changePassword(_ context: RequestContext, _ actor: PersonID) throws {
    guard let new = try context.input.string("new_password") else { return }
    guard actor.role != .guest else { throw Failure(.invalid, "Guests have no password.") }
    guard let current = try context.input.string("current_password") else {
      throw Failure(.invalid, "current_password is missing.")
    }
    try context.application.signIn.changePassword(
      of: actor, from: current, to: try Texts.newPassword(new),
      keeping: IdentityResolver.sessionToken(of: context.request)?.hash)
  }
}
