/// Who may do what with a chat: all rules in one place, free of I/O.
public enum Policy {
  /// A participant, or an admin: everybody else is told that there is no such chat.
  public static func maySee(_ chat: Chat, _ person: PersonID) -> Bool {
    switch person.role {
    case .customer: chat.userID == person.number
    case .guest: chat.guestID == person.number
    case .worker: chat.workerID == person.number
    case .admin: true
    }
  }

  /// A change of state that somebody asks for.
  public enum Transition: Sendable, CaseIterable {
    /// Resolved.
    case close
    /// An admin is needed.
    case escalate
    /// To be worked on again.
    case reopen
    /// Waits for the customer.
    case wait
  }

  /// Checks that the person may see the chat.
  ///
  /// - Throws: ``Failure/noSuchChat`` otherwise.
  public static func requireSight(of chat: Chat?, _ person: PersonID) throws(Failure) -> Chat {
    guard let chat, maySee(chat, person) else { throw .noSuchChat }
    return chat
  }

  /// Checks that a message may be written.
  ///
  /// - Throws: `conflict` in a closed chat.
  public static func requireWritable(_ chat: Chat) throws(Failure) {
    if chat.status == .closed {
      throw Failure(.conflict, "This chat is closed. Reopen it or start a new one.")
    }
  }

  /// Checks that the person is staff.
  ///
  /// - Throws: `forbidden` otherwise.
  public static func requireStaff(_ person: PersonID) throws(Failure) {
    guard person.role.isStaff else {
      throw Failure(.forbidden, "Only the support team can do this.")
    }
  }

  /// Checks that the person is an admin.
  ///
  /// - Throws: `forbidden` otherwise.
  public static func requireAdmin(_ person: PersonID) throws(Failure) {
    guard person.role == .admin else { throw Failure(.forbidden, "Only an admin can do this.") }
  }

  /// Checks that a worker may be assigned to the chat.
  ///
  /// - Throws: `conflict` if it is closed or among staff.
  public static func requireAssignable(_ chat: Chat) throws(Failure) {
    if chat.isAmongStaff {
      throw Failure(.conflict, "A chat among staff keeps its people: start another one instead.")
    }
    if chat.status == .closed {
      throw Failure(.conflict, "This chat is closed. Reopen it before assigning a worker.")
    }
  }

  /// The state a chat gets by a transition.
  ///
  /// - Throws: `forbidden` if the person may not, `conflict` if the chat's state does not allow it.
  public static func status(
    after transition: Transition, of chat: Chat, by person: PersonID
  ) throws(Failure) -> ChatStatus {
    try requireStaff(person)
    switch (transition, chat.status) {
    case (.close, .closed): throw Failure(.conflict, "This chat is closed already.")
    case (.close, _): return .closed
    case (.escalate, .open), (.escalate, .pending): return .escalated
    case (.escalate, .escalated): throw Failure(.conflict, "This chat is escalated already.")
    case (.reopen, .open): throw Failure(.conflict, "This chat is open already.")
    case (.reopen, .escalated), (.wait, .escalated):
      guard person.role == .admin else {
        throw Failure(.forbidden, "Only an admin can take back an escalation.")
      }
      return transition == .reopen ? .open : .pending
    case (.reopen, .closed), (.reopen, .pending): return .open
    case (.wait, .open): return .pending
    case (.wait, .pending):
      throw Failure(.conflict, "This chat waits for the customer already.")
    case (.escalate, .closed), (.wait, .closed):
      throw Failure(.conflict, "This chat is closed. Reopen it first.")
    }
  }
}
