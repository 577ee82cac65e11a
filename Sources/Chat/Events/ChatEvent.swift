/// A change of a chat, or of a person's presence, as the log has it, with all that is needed to show
/// it.
public struct ChatEvent: Sendable {
  /// `event_id`; within a chat a higher number happened later.
  public let id: Int64
  /// The chat; 0 for a person's presence.
  public let chatID: Int64
  /// When it happened: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let createdAt: String
  /// What happened.
  public let change: Change

  /// What an event says.
  public enum Change: Sendable {
    /// The chat was started.
    case started(ChatStatus)
    /// A message was stored.
    case message(Message)
    /// Somebody has read up to a message.
    case read(Person, lastMessageID: Int64)
    /// Somebody's client has got everything up to a message.
    case delivered(Person, lastMessageID: Int64)
    /// Somebody writes at this moment.
    case typing(Person)
    /// The state changed.
    case status(ChatStatus)
    /// The assigned worker changed.
    case assigned(worker: Person?, previousWorkerID: Int64?)
    /// Somebody came or went; `audience` are those with whom they have an active chat.
    case presence(Person, isOnline: Bool, audience: Set<PersonID>)
    /// Somebody's notifications changed: there is a new one, or one was read.
    case notification(PersonID)
  }

  /// Describes an event.
  public init(id: Int64, chatID: Int64, createdAt: String, change: Change) {
    self.id = id
    self.chatID = chatID
    self.createdAt = createdAt
    self.change = change
  }

  /// Whether pages that show the chat's history have to load it again.
  public var changesHistory: Bool {
    switch change {
    case .started, .message, .read, .delivered, .status, .assigned: true
    case .typing, .presence, .notification: false
    }
  }
}

/// Who takes part in a chat at this moment: what decides who gets its events.
public struct Participants: Sendable, Equatable {
  /// The customer.
  public let userID: Int64?
  /// The guest.
  public let guestID: Int64?
  /// The admin who takes part; every admin sees the chat.
  public let adminID: Int64?
  /// The assigned worker.
  public let workerID: Int64?

  /// Names the participants.
  public init(userID: Int64?, guestID: Int64?, adminID: Int64?, workerID: Int64?) {
    self.userID = userID
    self.guestID = guestID
    self.adminID = adminID
    self.workerID = workerID
  }

  /// All of them but the admin.
  public var people: [PersonID] {
    var people: [PersonID] = []
    if let userID { people.append(PersonID(.customer, userID)) }
    if let guestID { people.append(PersonID(.guest, guestID)) }
    if let workerID { people.append(PersonID(.worker, workerID)) }
    return people
  }

  /// The same rule as ``Policy/maySee(_:_:)-(Chat,_)``.
  public func include(_ person: PersonID) -> Bool {
    switch person.role {
    case .customer: userID == person.number
    case .guest: guestID == person.number
    case .worker: workerID == person.number
    case .admin: true
    }
  }
}

extension Policy {
  /// Whether a person gets an event of a chat with these participants.
  ///
  /// Sight is decided by who takes part now, not then: a worker who was taken off gets the event that
  /// says so, and nothing else. Nobody is told of their own typing and presence.
  public static func maySee(
    _ event: ChatEvent, _ participants: Participants?, _ person: PersonID
  ) -> Bool {
    switch event.change {
    case .presence(let other, _, let audience):
      if other.id == person { return false }
      return person.role == .admin || (person.role.isStaff && other.id.role.isStaff)
        || audience.contains(person)
    // One's own typing and receiving is no news; one's own reading is, to one's other tabs.
    case .typing(let other), .delivered(let other, _):
      return other.id != person && participants?.include(person) == true
    case .notification(let recipient): return recipient == person
    case .assigned(_, let previousWorkerID):
      if person.role == .worker, previousWorkerID == person.number { return true }
    default: break
    }
    return participants?.include(person) == true
  }
}
