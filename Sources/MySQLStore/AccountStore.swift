import Chat

/// A row that can log in.
public struct Account: Sendable {
  /// The person.
  public let person: Person
  /// The stored password: bcrypt, or legacy MD5 for customers.
  public let passwordHash: String

  /// Describes an account.
  public init(person: Person, passwordHash: String) {
    self.person = person
    self.passwordHash = passwordHash
  }
}

/// A person's own data.
public struct Profile: Sendable {
  /// The person as others see them.
  public let person: Person
  /// How to reach them.
  public let contact: Contact
  /// `tbl_user.notification_preferences`, a JSON object, where the install has it.
  public let notificationPreferences: String?
}

/// What a person changes of their own data; `nil` leaves as it is.
public struct ProfileChange: Sendable {
  /// The new name.
  public var name: String?
  /// The new phone number.
  public var phone: String?
  /// The new car brand.
  public var carBrand: String?
  /// The new preferences, a JSON object.
  public var notificationPreferences: String?

  /// Changes nothing.
  public init() {}
}

extension Store {
  /// The account that a customer's e-mail or a user name of staff belongs to.
  public func account(_ role: Role, login: String) throws -> Account? {
    try database.read { session in
      switch role {
      case .customer:
        try session.first(
          """
          SELECT u.id, u.name, NULL, u.new_img_name, u.password FROM tbl_user u
          WHERE u.email = \(login)
          """
        ) { row in try account(role, row) }
      case .worker:
        try session.first(
          """
          SELECT w.id, w.full_name, w.position, w.image_url, w.password FROM tbl_worker w
          WHERE w.username = \(login)
          """
        ) { row in try account(role, row) }
      case .admin:
        try session.first(
          """
          SELECT a.id, a.full_name, a.position, \(site.adminImageColumn), a.password
          FROM tbl_admin a WHERE a.username = \(login) AND \(site.adminIsActive)
            AND a.password IS NOT NULL
          """
        ) { row in try account(role, row) }
      case .guest: nil
      }
    }
  }

  private func account(_ role: Role, _ row: borrowing Row) throws -> Account {
    Account(
      person: person(
        PersonID(role, try row.integer(0)), name: try row.optionalString(1),
        title: try row.optionalString(2), image: try row.optionalString(3)),
      passwordHash: try row.string(4))
  }

  /// The stored password of an active person.
  public func passwordHash(_ id: PersonID) throws -> String? {
    try database.read { session in
      let query: SQL =
        switch id.role {
        case .customer: "SELECT u.password FROM tbl_user u WHERE u.id = \(id.number)"
        case .worker: "SELECT w.password FROM tbl_worker w WHERE w.id = \(id.number)"
        case .admin:
          "SELECT a.password FROM tbl_admin a WHERE a.id = \(id.number) AND \(site.adminIsActive)"
        case .guest: "SELECT NULL"
        }
      return try session.first(query) { row in try row.optionalString(0) } ?? nil
    }
  }

  /// Replaces a stored password, unless somebody else did since it was read.
  ///
  /// - Parameter keeping: the session that goes on with the new password; all others end by it.
  /// - Returns: whether it was replaced.
  public func replacePassword(
    of id: PersonID, _ old: String, with new: String, keeping tokenHash: [UInt8]?
  ) throws -> Bool {
    defer { forget(id) }
    return try database.transaction { session in
      let update: SQL =
        switch id.role {
        case .customer:
          "UPDATE tbl_user SET password = \(new) WHERE id = \(id.number) AND password = BINARY \(old)"
        case .worker:
          "UPDATE tbl_worker SET password = \(new) WHERE id = \(id.number) AND password = BINARY \(old)"
        case .admin:
          "UPDATE tbl_admin SET password = \(new) WHERE id = \(id.number) AND password = BINARY \(old)"
        case .guest: "DO 0"
        }
      guard try session.execute(update).affectedRows > 0 else { return false }
      if let tokenHash {
        try session.execute(
          """
          UPDATE tbl_chat_sessions SET password_digest = UNHEX(SHA2(\(new), 256))
          WHERE token_hash = \(tokenHash) AND person_type = \(id.role.rawValue)
            AND person_id = \(id.number)
          """)
      }
      return true
    }
  }

  /// Makes a customer.
  ///
  /// - Throws: `conflict` if the e-mail has an account.
  public func makeCustomer(
    name: String, email: String, phone: String, carBrand: String?, passwordHash: String
  ) throws -> PersonID {
    try unique("This e-mail address has an account already.") {
      try database.transaction { session in
        let result = try session.execute(
          """
          INSERT INTO tbl_user (name, email, phonenum, car_brand, role, password)
          VALUES (\(name), \(email), \(phone), \(carBrand), 'user', \(passwordHash))
          """)
        return PersonID(.customer, Int64(result.lastInsertID))
      }
    }
  }

  /// Makes a worker or an admin.
  ///
  /// - Throws: `conflict` if the user name is taken.
  public func makeStaffMember(
    _ role: Role, fullName: String, username: String, position: String, passwordHash: String
  ) throws -> PersonID {
    try unique("This user name is taken.") {
      try database.transaction { session in
        let result =
          if role == .admin {
            try session.execute(
              """
              INSERT INTO tbl_admin (full_name, username, password, position)
              VALUES (\(fullName), \(username), \(passwordHash), \(position))
              """)
          } else {
            try session.execute(
              """
              INSERT INTO tbl_worker (full_name, username, password, position)
              VALUES (\(fullName), \(username), \(passwordHash), \(position))
              """)
          }
        return PersonID(role, Int64(result.lastInsertID))
      }
    }
  }

  private func unique<T>(_ sentence: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError where error.kind == .duplicateKey {
      throw Failure(.conflict, sentence)
    }
  }
}
