import Chat

extension Store {
  /// A person's own data, if the account is active.
  public func profile(_ id: PersonID) throws -> Profile? {
    try database.read { session in
      guard let person = try activePerson(id, session) else { return nil }
      let preferences: SQL = site.userPreferences ? "u.notification_preferences" : "NULL"
      let query: SQL =
        switch id.role {
        case .customer:
          """
          SELECT u.email, u.phonenum, u.car_brand, NULL, \(preferences) FROM tbl_user u
          WHERE u.id = \(id.number)
          """
        case .guest:
          """
          SELECT g.email, NULL, NULL, NULL, NULL FROM tbl_guest_sessions g
          WHERE g.guest_id = \(id.number)
          """
        case .worker:
          "SELECT NULL, NULL, NULL, w.username, NULL FROM tbl_worker w WHERE w.id = \(id.number)"
        case .admin:
          "SELECT NULL, NULL, NULL, a.username, NULL FROM tbl_admin a WHERE a.id = \(id.number)"
        }
      return try session.first(query) { row in
        Profile(
          person: person,
          contact: Contact(
            email: try row.optionalString(0), phone: try row.optionalString(1),
            carBrand: try row.optionalString(2), username: try row.optionalString(3)),
          notificationPreferences: try row.optionalString(4))
      }
    }
  }

  /// Changes a person's own data; fields the person's role does not have are left alone.
  public func changeProfile(of id: PersonID, _ change: ProfileChange) throws {
    defer { forget(id) }
    try database.transaction { session in
      switch id.role {
      case .customer:
        try session.execute(
          """
          UPDATE tbl_user SET name = COALESCE(\(change.name), name),
            phonenum = COALESCE(\(change.phone), phonenum),
            car_brand = COALESCE(\(change.carBrand), car_brand)
          WHERE id = \(id.number)
          """)
        if site.userPreferences, let preferences = change.notificationPreferences {
          try session.execute(
            """
            UPDATE tbl_user SET notification_preferences = \(preferences) WHERE id = \(id.number)
            """)
        }
      case .guest:
        try session.execute(
          """
          UPDATE tbl_guest_sessions SET name = COALESCE(\(change.name), name)
          WHERE guest_id = \(id.number)
          """)
      case .worker:
        try session.execute(
          """
          UPDATE tbl_worker SET full_name = COALESCE(\(change.name), full_name)
          WHERE id = \(id.number)
          """)
      case .admin:
        try session.execute(
          """
          UPDATE tbl_admin SET full_name = COALESCE(\(change.name), full_name)
          WHERE id = \(id.number)
          """)
      }
    }
  }
}
