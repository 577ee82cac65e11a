import Chat

/// What the feed keeps of a chat in memory.
public struct ChatState: Sendable {
  /// Who takes part.
  public var participants: Participants
  /// The state.
  public var status: ChatStatus
  /// The id of the newest event that changed what its history shows; 0 if the log has none.
  public var version: Int64

  /// Describes a chat.
  public init(participants: Participants, status: ChatStatus, version: Int64) {
    self.participants = participants
    self.status = status
    self.version = version
  }
}

extension Store {
  /// What the feed keeps of a chat; `nil` if there is no such chat.
  public func chatState(_ id: Int64) throws -> ChatState? {
    try database.read { session in
      try session.first(
        """
        SELECT c.user_id, c.guest_id, c.admin_id, c.worker_id, c.status,
          (SELECT e.event_id FROM tbl_chat_events e WHERE e.chat_id = c.chat_id
             AND e.type <> 'typing' ORDER BY e.event_id DESC LIMIT 1)
        FROM tbl_chats c WHERE c.chat_id = \(id)
        """
      ) { row in
        ChatState(
          participants: Participants(
            userID: try row.optionalInteger(0), guestID: try row.optionalInteger(1),
            adminID: try row.optionalInteger(2), workerID: try row.optionalInteger(3)),
          status: try row.optionalString(4).flatMap { ChatStatus(rawValue: $0) } ?? .open,
          version: try row.optionalInteger(5) ?? 0)
      }
    }
  }
}
