import Chat

/// The columns that only some installs of the site have.
public struct SiteSchema: Sendable, Equatable {
  /// `tbl_admin.status`: only `active` accounts may act.
  public let adminStatus: Bool
  /// `tbl_admin.image_url`.
  public let adminImage: Bool
  /// `tbl_user.notification_preferences`.
  public let userPreferences: Bool

  static func read(_ session: borrowing DatabaseSession) throws -> SiteSchema {
    let columns = Set(
      try session.query(
        """
        SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('tbl_user', 'tbl_admin')
        """
      ) { row in try row.string(0) })
    return SiteSchema(
      adminStatus: columns.contains("tbl_admin.status"),
      adminImage: columns.contains("tbl_admin.image_url"),
      userPreferences: columns.contains("tbl_user.notification_preferences"))
  }

  /// The picture column of `tbl_admin` under the alias `a`, or NULL.
  var adminImageColumn: SQL { adminImage ? "a.image_url" : "NULL" }

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
