import Chat

/// How the existing pages tell, endpoint by endpoint, whom they act as (site contract, 3).
enum ActorParameters: Sendable {
  /// They do not.
  case none
  /// `sender_type` and `sender_id`.
  case sender
  /// `user_id`, `guest_id`, `admin_id` or `worker_id`.
  case owner
  /// As `owner`, but staff name the other person so.
  case starter
  /// `assigned_by`, an admin.
  case assigner
  /// `role`.
  case role

  /// Whom the request means, besides `as`.
  ///
  /// - Throws: `invalid` for a value that names nobody.
  func requested(_ input: Input) throws(Failure) -> RequestedActor? {
    switch self {
    case .none:
      return nil
    case .sender:
      let role = try input.string("sender_type").flatMap { $0.isEmpty ? nil : $0 }
      let number = try input.identifier("sender_id")
      if role == nil && number == nil { return nil }
      return RequestedActor(role: try role.map(Self.role), number: number)
    case .owner, .starter:
      for (name, role) in Self.owners {
        if let number = try input.identifier(name) {
          return RequestedActor(role: role, number: number, mayBePartner: self == .starter)
        }
      }
      return nil
    case .assigner:
      guard let number = try input.identifier("assigned_by") else { return nil }
      return RequestedActor(role: .admin, number: number)
    case .role:
      guard let name = try input.string("role"), !name.isEmpty else { return nil }
      return RequestedActor(role: try Self.role(name), number: nil)
    }
  }

  private static let owners: [(String, Role)] = [
    ("user_id", .customer), ("guest_id", .guest), ("admin_id", .admin), ("worker_id", .worker),
  ]

  /// The role that `as`, `sender_type` or `role` names.
  ///
  /// - Throws: `invalid` for an unknown name.
  static func role(_ name: String) throws(Failure) -> Role {
    guard let role = Role(name: name) else {
      throw Failure(.invalid, "The role must be user, guest, worker or admin.")
    }
    return role
  }
}
