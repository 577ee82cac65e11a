/// What a person is to a chat; the raw value is the `sender_type` of the site's tables.
public enum Role: String, Sendable, Hashable, CaseIterable {
  /// A row of `tbl_user`.
  case customer = "user"
  /// A row of `tbl_guest_sessions`: somebody without an account.
  case guest
  /// A row of `tbl_worker`.
  case worker
  /// A row of `tbl_admin`.
  case admin

  /// True for those who work at the garage.
  public var isStaff: Bool { self == .worker || self == .admin }

  /// The word in which a page or a person names the role; `nil` for an unknown one.
  public init?(name: String) {
    if name == "customer" {
      self = .customer
    } else {
      self.init(rawValue: name)
    }
  }
}
