import Chat
import FastCGI
import MySQLStore

/// `POST signup` for customers, `POST staff` for those whom an admin makes.
enum AccountEndpoints {
  @Sendable static func signUp(_ context: RequestContext) throws -> Response {
    let input = context.input
    let signIn = context.application.signIn
    let name = try required(input, "name", atMost: 100)
    guard let email = try Texts.email(try input.string("email") ?? "") else {
      throw Failure(.invalid, "email is missing.")
    }
    let phone = try optional(input, "phone", atMost: 20) ?? ""
    let carBrand = try optional(input, "car_brand", atMost: 100)
    let hash = try passwordHash(input)
    try signIn.requireFewSignUpConflicts(address: context.address)
    let id: PersonID
    do {
      id = try context.store.makeCustomer(
        name: name, email: email, phone: phone, carBrand: carBrand, passwordHash: hash)
    } catch let failure as Failure {
      try signIn.countSignUpConflict(address: context.address)
      throw failure
    }
    return Reply.success { writer in
      writer.field("message", "Welcome, \(name)! Your account is ready. You can log in now.")
      writer.field(
        "user", person: Person(id: id, name: name, title: "customer", avatar: nil))
    }
  }

  @Sendable static func makeStaffMember(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    try Policy.requireAdmin(actor)
    let input = context.input
    let name = try required(input, "full_name", atMost: 255)
    let username = try required(input, "username", atMost: 100)
    if username.contains("@") { throw Failure(.invalid, "A user name has no @.") }
    let (role, position) = try roleAndPosition(input)
    let hash = try passwordHash(input)
    let id = try context.store.makeStaffMember(
      role, fullName: name, username: username, position: position, passwordHash: hash)
    return Reply.success { writer in
      writer.field("id", id.number)
      writer.field("user", person: Person(id: id, name: name, title: position, avatar: nil))
    }
  }

  private static func roleAndPosition(_ input: Input) throws -> (Role, String) {
    let position = try optional(input, "position", atMost: 50)
    switch try input.string("type") {
    case "worker":
      guard position == nil || position == "worker" else {
        throw Failure(.invalid, "The position of a worker is worker.")
      }
      return (.worker, "worker")
    case "admin":
      guard let position else { return (.admin, "admin") }
      guard position == "admin" || position == "superadmin" else {
        throw Failure(.invalid, "The position of an admin is admin or superadmin.")
      }
      return (.admin, position)
    default: throw Failure(.invalid, "type must be worker or admin.")
    }
  }

  private static func passwordHash(_ input: Input) throws -> String {
    guard let password = try input.string("password") else {
      throw Failure(.invalid, "password is missing.")
    }
    guard let hash = Password.hash(try Texts.newPassword(password)) else {
      throw Failure(.invalid, "This password cannot be used.")
    }
    return hash
  }

  private static func required(_ input: Input, _ name: String, atMost limit: Int) throws -> String {
    guard let line = try optional(input, name, atMost: limit) else {
      throw Failure(.invalid, "\(name) is missing.")
    }
    return line
  }

  private static func optional(_ input: Input, _ name: String, atMost limit: Int) throws -> String?
  {
    guard let text = try input.string(name) else { return nil }
    return try Texts.line(text, field: name, atMost: limit)
  }
}
