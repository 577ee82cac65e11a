import Chat

/// What the feed keeps of a chat in memory.
public struct ChatState: Sendable {
  /// Who takes part.
  public var participants: Participants
  /// The state.
  public var status: ChatStatus
  /// Another one whenever what its history shows may have changed; `nil` before the feed gave it one.
  ///
  /// Not the newest event's id: that does not change with an event that becomes visible after a later
  /// one.
  public var revision: UInt64?

  /// Describes a chat.
  public init(participants: Participants, status: ChatStatus, revision: UInt64? = nil) {
    self.participants = participants
    self.status = status
    self.revision = revision
  }
}

extension Store {
  /// What the feed keeps of a chat; `nil` if there is no such chat.
  public func chatState(_ id: Int64) throws -> ChatState? {
    try database.read { session in
      try session.first(
        "SELECT \(Self.chatColumns) FROM tbl_chats c WHERE c.chat_id = \(id)"
      ) { row in
        let chat = try Self.chat(row)
        return ChatState(participants: chat.participants, status: chat.status)
      }
    }
  }
}
