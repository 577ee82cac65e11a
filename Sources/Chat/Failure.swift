/// Why something was refused: a code for the program and a sentence for people.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of refusal; one table of the program maps them to HTTP statuses.
  public enum Code: Sendable, Hashable, CaseIterable {
    /// The request cannot be understood at all.
    case malformed
    /// Nobody is logged in.
    case unauthenticated
    /// Somebody is, but may not do this.
    case forbidden
    /// There is no such thing, or not for this person.
    case notFound
    /// The state of things does not allow it.
    case conflict
    /// More than the server accepts.
    case tooLarge
    /// A body of a type that is not read.
    case unsupportedMediaType
    /// A value is missing or wrong.
    case invalid
    /// Too often.
    case tooManyRequests
    /// The database cannot be reached for now.
    case unavailable
  }

  /// The kind of refusal.
  public let code: Code
  /// A whole sentence without internals.
  public let sentence: String
  /// After how many seconds another try makes sense.
  public let retryAfter: Int?

  /// Refuses with a sentence for the caller.
  public init(_ code: Code, _ sentence: String, retryAfter: Int? = nil) {
    self.code = code
    self.sentence = sentence
    self.retryAfter = retryAfter
  }

  /// The sentence.
  public var description: String { sentence }

  /// What everybody is told who may not see a chat, so that nobody learns which exist.
  public static let noSuchChat = Failure(.notFound, "There is no such chat.")
}
