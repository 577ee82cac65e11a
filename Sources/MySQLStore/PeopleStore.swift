import Chat

/// A person found by a search, with how to reach them and when they last wrote.
public struct FoundPerson: Sendable {
  /// The person as others see them.
  public let person: Person
  /// How to reach them.
  public let contact: Contact
}

/// A person's row.
struct KnownPerson: Sendable {
  /// The person.
  let person: Person
  /// Whether the account may act.
  let isActive: Bool
}

extension Store {
  /// The person, if the row is there and the account is active; known for a few seconds.
  public func activePerson(_ id: PersonID) throws -> Person? {
    let known = try people.value(id) {
      try database.read { session in try readEntries(id.role, [id.number], session)[id] }
    }
    return known.flatMap { $0.isActive ? $0.person : nil }
  }

  /// As ``activePerson(_:)``, read anew.
  func activePerson(_ id: PersonID, _ session: borrowing DatabaseSession) throws -> Person? {
    let read = try readEntries(id.role, [id.number], session)[id]
    return read.flatMap { $0.isActive ? $0.person : nil }
  }

  /// The author of a message, whose account need not be there any more.
  func author(
    _ role: Role, _ number: Int64?, _ session: borrowing DatabaseSession
  ) throws -> SenderProfile {
    let id = PersonID(role, number ?? 0)
    let known = try number == nil ? nil : knownPerson(id, session)
    let person = known ?? person(id, name: nil, title: nil, image: nil)
    return SenderProfile(name: person.name, title: person.title, avatar: person.avatar)
  }

  /// The person, active or not; `nil` if the row is gone.
  func knownPerson(_ id: PersonID, _ session: borrowing DatabaseSession) throws -> Person? {
    try people.value(id) { try readEntries(id.role, [id.number], session)[id] }?.person
  }

  func readEntries(
    _ role: Role, _ numbers: [Int64], _ session: borrowing DatabaseSession
  ) throws -> [PersonID: KnownPerson] {
    let list = SQL.list(numbers)
    let query: SQL =
      switch role {
      case .customer:
        "SELECT u.id, u.name, NULL, u.new_img_name, TRUE FROM tbl_user u WHERE u.id IN (\(list))"
      case .guest:
        """
        SELECT g.guest_id, g.name, NULL, NULL, TRUE FROM tbl_guest_sessions g
        WHERE g.guest_id IN (\(list))
        """
      case .worker:
        """
        SELECT w.id, w.full_name, w.position, w.image_url, TRUE FROM tbl_worker w
        WHERE w.id IN (\(list))
        """
      case .admin:
        """
        SELECT a.id, a.full_name, a.position, \(site.adminImageColumn), \(site.adminIsActive)
        FROM tbl_admin a WHERE a.id IN (\(list))
        """
      }
    var found: [PersonID: KnownPerson] = [:]
    _ = try session.query(query) { row in
      let id = PersonID(role, try row.integer(0))
      found[id] = KnownPerson(
        person: person(
          id, name: try row.optionalString(1), title: try row.optionalString(2),
          image: try row.optionalString(3)),
        isActive: try row.integer(4) != 0)
    }
    return found
  }

  /// Customers whose name, e-mail or phone contains the text, by name; without a text the newest.
  public func findCustomers(_ text: String?, limit: Int) throws -> [FoundPerson] {
    let condition: SQL =
      if let text {
        """
        u.name LIKE \(contains(text)) ESCAPE '!' OR u.email LIKE \(contains(text)) ESCAPE '!'
        OR u.phonenum LIKE \(contains(text)) ESCAPE '!'
        """
      } else { "TRUE" }
    // By name all rows would be read: the site's table has no index of names.
    let order: SQL = text == nil ? "u.id DESC" : "u.name, u.id"
    return try database.read { session in
      try session.query(
        """
        SELECT u.id, u.name, u.new_img_name, u.email, u.phonenum, u.car_brand FROM tbl_user u
        WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
        """
      ) { row in
        FoundPerson(
          person: person(
            PersonID(.customer, try row.integer(0)), name: try row.string(1), title: nil,
            image: try row.optionalString(2)),
          contact: Contact(
            email: try row.optionalString(3), phone: try row.optionalString(4),
            carBrand: try row.optionalString(5)))
      }
    }
  }

  /// Workers and active admins whose name or log-in name contains the text, admins first.
  public func findStaff(_ text: String?, roles: Set<Role>, limit: Int) throws -> [FoundPerson] {
    try database.read { session in
      var found: [FoundPerson] = []
      if roles.contains(.admin) {
        let named: SQL =
          if let text {
            "(a.full_name LIKE \(contains(text)) ESCAPE '!' OR a.username LIKE \(contains(text)) ESCAPE '!')"
          } else { "TRUE" }
        found += try session.query(
          """
          SELECT a.full_name, a.position, \(site.adminImageColumn), a.id, a.username
          FROM tbl_admin a WHERE \(site.adminIsActive) AND \(named)
          ORDER BY a.full_name, a.id LIMIT \(limit)
          """
        ) { row in try foundStaffMember(.admin, row) }
      }
      if roles.contains(.worker), found.count < limit {
        let named: SQL =
          if let text {
            "(w.full_name LIKE \(contains(text)) ESCAPE '!' OR w.username LIKE \(contains(text)) ESCAPE '!')"
          } else { "TRUE" }
        found += try session.query(
          """
          SELECT w.full_name, w.position, w.image_url, w.id, w.username FROM tbl_worker w
          WHERE \(named) ORDER BY w.full_name, w.id LIMIT \(limit - found.count)
          """
        ) { row in try foundStaffMember(.worker, row) }
      }
      return found
    }
  }

  /// All workers with the number of their chats that are not closed.
  public func technicians() throws -> [(person: Person, openChats: Int64)] {
    try database.read { session in
      try session.query(
        """
        SELECT w.full_name, w.position, w.image_url, w.id,
          (SELECT COUNT(*) FROM tbl_chats c
           WHERE c.worker_id = w.id AND c.status IN ('open', 'pending', 'escalated'))
        FROM tbl_worker w ORDER BY w.full_name, w.id
        """
      ) { row in
        (
          person: try staffMember(PersonID(.worker, try row.integer(3)), row),
          openChats: try row.integer(4)
        )
      }
    }
  }

  func person(_ id: PersonID, name: String?, title: String?, image: String?) -> Person {
    let shown = name.flatMap { $0.isEmpty ? nil : $0 } ?? Person.fallbackName(id.role)
    return Person(
      id: id, name: shown, title: title ?? (id.role == .customer ? "customer" : id.role.rawValue),
      avatar: Avatar.path(id.role, image))
  }

  /// Reads name, position and picture from the first three columns.
  private func staffMember(_ id: PersonID, _ row: borrowing Row) throws -> Person {
    person(
      id, name: try row.string(0), title: try row.optionalString(1),
      image: try row.optionalString(2))
  }

  private func foundStaffMember(_ role: Role, _ row: borrowing Row) throws -> FoundPerson {
    FoundPerson(
      person: try staffMember(PersonID(role, try row.integer(3)), row),
      contact: Contact(username: try row.optionalString(4)))
  }

  /// A LIKE pattern for "contains", with the wildcards of the text taken literally (`ESCAPE '!'`).
  func contains(_ text: String) -> String {
    var pattern = "%"
    for character in text {
      if character == "%" || character == "_" || character == "!" { pattern.append("!") }
      pattern.append(character)
    }
    return pattern + "%"
  }
}
