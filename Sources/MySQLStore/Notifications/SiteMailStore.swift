/// The site's own mail server, as its `notification_config` says.
public struct SiteMailConfiguration: Sendable {
  /// `email_enabled`.
  public let isEnabled: Bool
  /// `smtp_host`.
  public let host: String?
  /// `smtp_port`.
  public let port: UInt16?
  /// `smtp_username`.
  public let user: String?
  /// `smtp_password`.
  public let password: String?
  /// `smtp_encryption`: `tls` for STARTTLS, `ssl` from the first octet.
  public let encryption: String?
  /// `email_from_name`.
  public let fromName: String?
  /// `email_from_address`.
  public let fromAddress: String?
}

extension Store {
  /// The site's own mail server; `nil` if the site has no such table.
  public func siteMailConfiguration() throws -> SiteMailConfiguration? {
    guard site.mailConfiguration else { return nil }
    return try database.read { session in
      var values: [String: String] = [:]
      _ = try session.query(
        """
        SELECT t.config_key, t.config_value FROM notification_config t
        WHERE t.is_active = 1 AND (t.config_key LIKE 'smtp!_%' ESCAPE '!'
          OR t.config_key LIKE 'email!_%' ESCAPE '!')
        """
      ) { row in values[try row.string(0)] = try row.optionalString(1) }
      return SiteMailConfiguration(
        isEnabled: values["email_enabled"] == "1", host: values["smtp_host"],
        port: values["smtp_port"].flatMap { UInt16($0) }, user: values["smtp_username"],
        password: values["smtp_password"], encryption: values["smtp_encryption"],
        fromName: values["email_from_name"], fromAddress: values["email_from_address"])
    }
  }
}
