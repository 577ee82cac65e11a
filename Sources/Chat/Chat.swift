/// The state of a chat, as `tbl_chats.status` spells it.
public enum ChatStatus: String, Sendable, CaseIterable {
  /// Somebody of the staff is to answer.
  case open
  /// The customer is to answer; the customer's next message opens the chat again.
  case pending
  /// An admin is needed.
  case escalated
  /// Resolved: nothing can be written until it is reopened.
  case closed
}

/// A conversation: a row of `tbl_chats`.
public struct Chat: Sendable, Equatable {
  /// `chat_id`.
  public let id: Int64
  /// The customer, unless it is a guest's chat or a chat among staff.
  public let userID: Int64?
  /// The guest, unless it is a customer's chat or a chat among staff.
  public let guestID: Int64?
  /// The admin who takes part.
  public let adminID: Int64?
  /// The assigned worker, or the worker of a chat among staff.
  public let workerID: Int64?
  /// The admin who assigned the worker.
  public let assignedBy: Int64?
  /// The state.
  public let status: ChatStatus
  /// What it is about, if somebody said.
  public let subject: String?
  /// When it was started: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let createdAt: String
  /// When something last happened in it: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let updatedAt: String

  /// Describes a row of `tbl_chats`.
  public init(
    id: Int64, userID: Int64?, guestID: Int64?, adminID: Int64?, workerID: Int64?,
    assignedBy: Int64?, status: ChatStatus, subject: String?, createdAt: String, updatedAt: String
  ) {
    self.id = id
    self.userID = userID
    self.guestID = guestID
    self.adminID = adminID
    self.workerID = workerID
    self.assignedBy = assignedBy
    self.status = status
    self.subject = subject
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  /// True for a chat between an admin and a worker, without a customer or guest.
  public var isAmongStaff: Bool { userID == nil && guestID == nil }

  /// Who takes part.
  public var participants: Participants {
    Participants(userID: userID, guestID: guestID, adminID: adminID, workerID: workerID)
  }

  /// Those who are told of what happens: the customer or guest, the assigned worker, and in a chat
  /// among staff the admin.
  public var people: [PersonID] {
    guard isAmongStaff, let adminID else { return participants.people }
    return participants.people + [PersonID(.admin, adminID)]
  }
}
