import Chat
import FastCGI
import MySQLStore

/// `GET people` and `GET get_technicians`.
enum PeopleEndpoints {
  @Sendable static func technicians(_ context: RequestContext) throws -> Response {
    try Policy.requireAdmin(try context.actor)
    let technicians = try context.store.technicians()
    let presence = try context.store.presence(of: technicians.map(\.person.id))
    return Reply.success { writer in
      writer.field("technicians", array: technicians) { writer, technician in
        writer.field("id", technician.person.id.number)
        writer.field("full_name", technician.person.name)
        writer.field("image_url", technician.person.avatar)
        writer.field("open_chats", technician.openChats)
        writer.fields(of: presence[technician.person.id])
      }
    }
  }

  /// Staff find customers and colleagues; customers and guests see the support team.
  @Sendable static func search(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    let input = context.input
    let text = try input.string("q").flatMap { text throws(Failure) in
      try Texts.line(text, field: "q", atMost: 100)
    }
    let limit = try input.limit(standard: 50, most: 100)
    var roles: Set<Role> = actor.role.isStaff ? [.customer, .worker, .admin] : [.worker, .admin]
    if let name = try input.string("role"), !name.isEmpty {
      roles.formIntersection([try ActorParameters.role(name)])
    }
    var found = try context.store.findStaff(text, roles: roles, limit: limit)
    if roles.contains(.customer), found.count < limit {
      found += try context.store.findCustomers(text, limit: limit - found.count)
    }
    let presence = try context.store.presence(of: found.map(\.person.id))
    return Reply.success { writer in
      writer.field("people", array: found) { writer, found in
        writer.fields(of: found.person)
        writer.fields(of: presence[found.person.id])
        if actor.role.isStaff {
          writer.field("email", found.contact.email)
          writer.field("phone", found.contact.phone)
          writer.field("car_brand", found.contact.carBrand)
          writer.field("username", found.contact.username)
        }
      }
    }
  }
}
