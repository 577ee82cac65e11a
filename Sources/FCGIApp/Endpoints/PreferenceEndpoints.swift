import Chat
import FastCGI
import MySQLStore

/// `GET preferences` and `POST preferences`: how the caller wants to be told of messages.
enum PreferenceEndpoints {
  @Sendable static func show(_ context: RequestContext) throws -> Response {
    reply(try context.store.preferences(of: try context.actor))
  }

  /// Changes what is sent, and leaves the rest.
  @Sendable static func change(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    var preferences = try context.store.preferences(of: actor)
    preferences.mailEnabled = try input.boolean("mail") ?? preferences.mailEnabled
    preferences.browserEnabled = try input.boolean("browser") ?? preferences.browserEnabled
    preferences.soundEnabled = try input.boolean("sound") ?? preferences.soundEnabled
    if let offset = try input.integer("utc_offset") {
      guard abs(offset) <= 840 else {
        throw Failure(.invalid, "utc_offset must be minutes from -840 to 840.")
      }
      preferences.utcOffset = Int(offset)
    }
    if input.has("quiet_from") { preferences.quietFrom = try minute(input, "quiet_from") }
    if input.has("quiet_until") { preferences.quietUntil = try minute(input, "quiet_until") }
    if (preferences.quietFrom == nil) != (preferences.quietUntil == nil) {
      throw Failure(.invalid, "Quiet hours need both quiet_from and quiet_until.")
    }
    if input.has("mail_address") {
      let address = try input.string("mail_address").flatMap { text throws(Failure) in
        try Texts.email(text)
      }
      switch actor.role {
      case .worker, .admin: preferences.mailAddress = address
      case .guest:
        guard let address else { throw Failure(.invalid, "mail_address is empty.") }
        try context.store.updateGuest(actor.number, name: nil, email: address)
      case .customer:
        throw Failure(.invalid, "Mails go to the address that you log in with.")
      }
    }
    try context.store.setPreferences(of: actor, preferences)
    return reply(try context.store.preferences(of: actor))
  }

  private static func reply(_ preferences: Preferences) -> Response {
    Reply.success { writer in
      writer.field("preferences") { writer in
        writer.field("mail", preferences.mailEnabled)
        writer.field("mail_address", preferences.mailAddress)
        writer.field("browser", preferences.browserEnabled)
        writer.field("sound", preferences.soundEnabled)
        writer.field("quiet_from", preferences.quietFrom.map(clock))
        writer.field("quiet_until", preferences.quietUntil.map(clock))
        writer.field("utc_offset", Int64(preferences.utcOffset))
      }
    }
  }

  private static func clock(_ minute: Int) -> String {
    let (hours, minutes) = minute.quotientAndRemainder(dividingBy: 60)
    return (hours < 10 ? "0" : "") + "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes)"
  }

  /// A time such as `22:30`, as a minute of the day; `nil` if it is empty.
  private static func minute(_ input: Input, _ name: String) throws(Failure) -> Int? {
    guard let text = try input.string(name), !text.isEmpty else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt8(parts[0]),
      let minute = UInt8(parts[1]), hour < 24, minute < 60
    else { throw Failure(.invalid, "\(name) must be a time such as 22:30.") }
    return Int(hour) * 60 + Int(minute)
  }
}
