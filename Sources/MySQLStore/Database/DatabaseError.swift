/// What went wrong between the program and the database.
public struct DatabaseError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible
{
  /// What the caller can do about it.
  public enum Kind: Sendable, Equatable {
    /// The connection is gone; another one may work.
    case lost
    /// The transaction lost against another one; the whole of it may be repeated.
    case retryable
    /// A unique key has the value already.
    case duplicateKey
    /// No connection could be made or lent in time.
    case unavailable
    /// The connection was lost while COMMIT ran: it may or may not have happened.
    case outcomeUnknown
    /// A row does not have what the code reads from it.
    case unexpectedValue
    /// The server refused the account or the database.
    case refused
    /// Anything else: a fault of ours.
    case other
  }

  /// What the caller can do.
  public let kind: Kind
  /// The number of MariaDB or its client library; 0 for our own errors.
  public let number: UInt32
  /// The server's message; it may hold values, so that it is for the log only.
  let message: String
  /// The statement, with `?` for its values.
  let statement: String?

  init(_ kind: Kind, number: UInt32 = 0, message: String, statement: String? = nil) {
    self.kind = kind
    self.number = number
    self.message = message
    self.statement = statement
  }

  init(number: UInt32, message: String, statement: String? = nil) {
    self.init(Self.kind(of: number), number: number, message: message, statement: statement)
  }

  /// Whether the same request may well succeed in a moment.
  public var isUnavailable: Bool {
    switch kind {
    case .lost, .retryable, .unavailable, .outcomeUnknown: true
    case .duplicateKey, .unexpectedValue, .refused, .other: false
    }
  }

  /// Without values, secrets or personal data.
  public var description: String { "database error \(number) (\(kind))" }

  /// With the server's message and the statement, for the log.
  public var debugDescription: String {
    "\(description): \(message)" + (statement.map { " in: \($0)" } ?? "")
  }

  /// For the person who sets up the program: the server's own words.
  public var explanation: String { "The database says: \(message)" }

  /// The numbers of MariaDB's error codes and of its client library.
  private static func kind(of number: UInt32) -> Kind {
    switch number {
    // Cannot connect, gone away, lost, server closing, killed, too many connections, idle limit,
    // Galera node not ready, read-only server.
    case 2002, 2003, 2006, 2013, 1047, 1053, 1180, 1927, 1040, 4031, 1290, 1836, 2055: .lost
    // Lock wait limit, deadlock, row changed since read.
    case 1205, 1213, 1020: .retryable
    case 1062, 1586: .duplicateKey
    case 1044, 1045, 1049, 1698: .refused
    default: .other
    }
  }
}
