import Chat

/// A row of `tbl_chat_events` joined with its chat and its message, without names.
struct EventRow {
  let id: Int64
  let chatID: Int64
  let type: String
  let messageID: Int64?
  let person: PersonID?
  let status: ChatStatus?
  let workerID: Int64?
  let previousWorkerID: Int64?
  let isOnline: Bool
  let createdAt: String
  let participants: Participants?
  let chatStatus: ChatStatus?
  let message: MessageRow?
  /// Whose notifications have changed, if the event says that.
  let recipient: PersonID?

  init(_ row: borrowing Row) throws {
    id = try row.integer(0)
    chatID = try row.integer(1)
    type = try row.string(2)
    messageID = try row.optionalInteger(3)
    if let role = try row.role(4), let number = try row.optionalInteger(5) {
      person = PersonID(role, number)
    } else {
      person = nil
    }
    status = try row.optionalString(6).flatMap { ChatStatus(rawValue: $0) }
    workerID = try row.optionalInteger(7)
    previousWorkerID = try row.optionalInteger(8)
    isOnline = try row.optionalInteger(9) == 1
    createdAt = try row.string(10)
    if try row.optionalInteger(11) != nil {
      participants = Participants(
        userID: try row.optionalInteger(12), guestID: try row.optionalInteger(13),
        adminID: try row.optionalInteger(14), workerID: try row.optionalInteger(15))
    } else {
      participants = nil
    }
    chatStatus = try row.optionalString(16).flatMap { ChatStatus(rawValue: $0) }
    if let message = try row.optionalInteger(17) {
      self.message = MessageRow(
        id: message, chatID: chatID, senderRole: try row.role(18) ?? .guest,
        senderID: try row.optionalInteger(19), text: try row.string(20),
        isRead: (try row.optionalInteger(21) ?? 0) != 0, createdAt: try row.string(22),
        clientMessageID: try row.optionalBytes(23).flatMap { ClientMessageID(bytes: $0) })
    } else {
      message = nil
    }
    if let role = try row.role(24), let number = try row.optionalInteger(25) {
      recipient = PersonID(role, number)
    } else {
      recipient = nil
    }
  }
}
