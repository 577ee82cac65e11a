import Chat

/// The columns that only some installs of the site have.
public struct SiteSchema: Sendable, Equatable {
  /// `tbl_admin.status`: only `active` accounts may act.
  public let adminStatus: Bool
  /// `tbl_admin.image_url`.
  public let adminImage: Bool
  /// `tbl_user.notification_preferences`.
  public let userPreferences: Bool
  /// `tbl_notifications`: what the site's own bell shows to admins.
  public let notifications: Bool
  /// `tbl_notification_preferences`: what admins have set on the site.
  public let adminPreferences: Bool
  /// `notification_config`: the site's mail server.
  public let mailConfiguration: Bool

  static func read(_ session: borrowing DatabaseSession) throws -> SiteSchema {
    let columns = Set(
      try session.query(
        """
        SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('tbl_user', 'tbl_admin',
          'tbl_notifications', 'tbl_notification_preferences', 'notification_config')
        """
      ) { row in try row.string(0) })
    return SiteSchema(
      adminStatus: columns.contains("tbl_admin.status"),
      adminImage: columns.contains("tbl_admin.image_url"),
      userPreferences: columns.contains("tbl_user.notification_preferences"),
      notifications: columns.contains("tbl_notifications.recipient_id"),
      adminPreferences: columns.contains("tbl_notification_preferences.email_enabled"),
      mailConfiguration: columns.contains("notification_config.config_value"))
  }

  /// The picture column of `tbl_admin` under the alias `a`, or NULL.
  var adminImageColumn: SQL { adminImage ? "a.image_url" : "NULL" }

  /// What `tbl_user.notification_preferences` of the customer `u` says of a key: 1, 0 or NULL.
  func userWish(_ key: StaticString) -> SQL {
    guard userPreferences else { return "NULL" }
    let path = "$.\(key)"
    return """
      IF(JSON_EXISTS(u.notification_preferences, \(path)),
        NOT JSON_CONTAINS(u.notification_preferences, 'false', \(path)), NULL)
      """
  }

  /// The condition that the admin `a` may act.
  var adminIsActive: SQL {
    adminStatus ? "(a.status IS NULL OR a.status = 'active')" : "TRUE"
  }
}

/// Where the site keeps its pictures.
enum Avatar {
  /// The path below the site's root of a stored picture name.
  static func path(_ role: Role, _ stored: String?) -> String? {
    guard let stored, !stored.isEmpty else { return nil }
    switch role {
    case .customer:
      return "uploads/users/\(stored)"
    case .worker, .admin:
      return stored.utf8.contains(UInt8(ascii: "/"))
        ? "admin/\(stored)" : "admin/uploads/workers/\(stored)"
    case .guest:
      return nil
    }
  }
}
