/// Which person: the role names the table, the number its row.
public struct PersonID: Sendable, Hashable, Comparable {
  /// What the person is.
  public let role: Role
  /// The primary key in the role's table.
  public let number: Int64

  /// Names a person.
  public init(_ role: Role, _ number: Int64) {
    self.role = role
    self.number = number
  }

  /// An order in which all lock several people's rows.
  public static func < (left: PersonID, right: PersonID) -> Bool {
    (left.role.rawValue, left.number) < (right.role.rawValue, right.number)
  }
}

/// A person as others see them.
public struct Person: Sendable, Equatable {
  /// Which person.
  public let id: PersonID
  /// The name to show; never empty.
  public let name: String
  /// The role to show: the `position` of staff, otherwise `customer` or `guest`.
  public let title: String
  /// The path of the picture below the site's root, if there is one.
  public let avatar: String?

  /// Describes a person.
  public init(id: PersonID, name: String, title: String, avatar: String?) {
    self.id = id
    self.name = name
    self.title = title
    self.avatar = avatar
  }

  /// The name shown where a row has none.
  public static func fallbackName(_ role: Role) -> String {
    switch role {
    case .customer: "Customer"
    case .guest: "Guest"
    case .worker, .admin: "Support"
    }
  }
}

/// How to reach a person; only staff see it of customers, guests and colleagues.
public struct Contact: Sendable, Equatable {
  /// The e-mail address.
  public let email: String?
  /// The phone number.
  public let phone: String?
  /// The customer's car brand.
  public let carBrand: String?
  /// The log-in name of staff.
  public let username: String?

  /// Describes how to reach a person.
  public init(
    email: String? = nil, phone: String? = nil, carBrand: String? = nil, username: String? = nil
  ) {
    self.email = email
    self.phone = phone
    self.carBrand = carBrand
    self.username = username
  }
}
