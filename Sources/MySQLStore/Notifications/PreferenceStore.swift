import Chat

extension Store {
  /// How the person wants to be told; what was never set has its standard.
  ///
  /// What the site's own tables hold goes before: `tbl_user.notification_preferences` for customers
  /// and the row `chat_message` of `tbl_notification_preferences` for admins, where there are any.
  public func preferences(of person: PersonID) throws -> Preferences {
    try database.read { session in try preferences(of: person, session) }
  }

  func preferences(
    of person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> Preferences {
    var preferences =
      try session.first(
        """
        SELECT f.mail_enabled, f.mail_address, f.browser_enabled, f.sound_enabled, f.quiet_from,
          f.quiet_until, f.utc_offset
        FROM tbl_chat_preferences f
        WHERE f.person_type = \(person.role.rawValue) AND f.person_id = \(person.number)
        """
      ) { row in
        Preferences(
          mailEnabled: try row.integer(0) != 0, mailAddress: try row.optionalString(1),
          browserEnabled: try row.integer(2) != 0, soundEnabled: try row.integer(3) != 0,
          quietFrom: try row.optionalInteger(4).map { Int($0) },
          quietUntil: try row.optionalInteger(5).map { Int($0) },
          utcOffset: Int(try row.integer(6)))
      } ?? Preferences()
    switch person.role {
    case .customer:
      let site = try session.first(
        """
        SELECT \(self.site.userWish("email")), \(self.site.userWish("web")), u.email
        FROM tbl_user u WHERE u.id = \(person.number)
        """
      ) { row in
        (
          mail: try row.optionalInteger(0), browser: try row.optionalInteger(1),
          address: try row.optionalString(2)
        )
      }
      if let mail = site?.mail { preferences.mailEnabled = mail != 0 }
      if let browser = site?.browser { preferences.browserEnabled = browser != 0 }
      preferences.mailAddress = site?.address
    case .guest:
      preferences.mailAddress = try session.first(
        "SELECT g.email FROM tbl_guest_sessions g WHERE g.guest_id = \(person.number)"
      ) { row in try row.optionalString(0) }.flatMap { $0 }
    case .admin where site.adminPreferences:
      let site = try session.first(
        """
        SELECT t.email_enabled, t.is_enabled, t.sound_enabled FROM tbl_notification_preferences t
        WHERE t.admin_id = \(person.number) AND t.notification_type = 'chat_message' LIMIT 1
        """
      ) { row in
        (
          mail: try row.optionalInteger(0), browser: try row.optionalInteger(1),
          sound: try row.optionalInteger(2)
        )
      }
      if let mail = site?.mail { preferences.mailEnabled = mail != 0 }
      if let browser = site?.browser { preferences.browserEnabled = browser != 0 }
      if let sound = site?.sound { preferences.soundEnabled = sound != 0 }
    case .admin, .worker: break
    }
    return preferences
  }

  /// Keeps how the person wants to be told, also where the site's own tables have a place for it.
  ///
  /// The address of customers and guests stands in their own tables and is left alone.
  public func setPreferences(of person: PersonID, _ new: Preferences) throws {
    try database.transaction { session in
      let address = person.role.isStaff ? new.mailAddress : nil
      try session.execute(
        """
        INSERT INTO tbl_chat_preferences (person_type, person_id, mail_enabled, mail_address,
          browser_enabled, sound_enabled, quiet_from, quiet_until, utc_offset)
        VALUES (\(person.role.rawValue), \(person.number), \(new.mailEnabled ? 1 : 0), \(address),
          \(new.browserEnabled ? 1 : 0), \(new.soundEnabled ? 1 : 0),
          \(new.quietFrom.map { Int64($0) }), \(new.quietUntil.map { Int64($0) }), \(new.utcOffset))
        ON DUPLICATE KEY UPDATE mail_enabled = VALUES(mail_enabled),
          mail_address = VALUES(mail_address), browser_enabled = VALUES(browser_enabled),
          sound_enabled = VALUES(sound_enabled), quiet_from = VALUES(quiet_from),
          quiet_until = VALUES(quiet_until), utc_offset = VALUES(utc_offset)
        """)
      if person.role == .customer, site.userPreferences {
        let wishes = "{\"email\": \(new.mailEnabled), \"web\": \(new.browserEnabled)}"
        try session.execute(
          """
          UPDATE tbl_user SET notification_preferences = JSON_MERGE_PATCH(
            IF(JSON_VALID(notification_preferences), notification_preferences, '{}'), \(wishes))
          WHERE id = \(person.number)
          """)
      }
      if person.role == .admin, site.adminPreferences {
        try session.execute(
          """
          UPDATE tbl_notification_preferences SET email_enabled = \(new.mailEnabled ? 1 : 0),
            is_enabled = \(new.browserEnabled ? 1 : 0), sound_enabled = \(new.soundEnabled ? 1 : 0)
          WHERE admin_id = \(person.number) AND notification_type = 'chat_message'
          """)
      }
    }
  }
}
