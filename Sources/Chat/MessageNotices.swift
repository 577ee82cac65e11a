/// Whom new messages of a chat are told to: free of I/O.
///
/// A message is for the other side: the assigned worker or, if there is none, all admins; the customer
/// or guest; in a chat among staff the colleague. Whoever writes has read; and once somebody of the
/// staff has answered a customer, no admin needs to.
public struct MessageNotices: Sendable, Equatable {
  /// What one person is told: one for all of the messages.
  public struct Notice: Sendable, Equatable {
    /// The oldest message it tells of.
    public let firstMessageID: Int64
    /// The newest.
    public internal(set) var lastMessageID: Int64
    /// How many there are.
    public internal(set) var count: Int64
  }

  /// Who is told of what.
  public private(set) var notices: [PersonID: Notice] = [:]
  /// Those whose earlier notices of the chat's messages are settled, as they have written.
  public private(set) var settled: Set<PersonID> = []
  /// Whether those of all admins are.
  public private(set) var settlesAdmins = false

  /// Goes through messages in their order.
  ///
  /// - Parameter admins: all admins who may act.
  public init(_ messages: [(id: Int64, sender: PersonID)], in chat: Chat, admins: [PersonID]) {
    for message in messages {
      let sender = message.sender
      settled.insert(sender)
      notices[sender] = nil
      if sender.role.isStaff, !chat.isAmongStaff {
        settlesAdmins = true
        for admin in admins { notices[admin] = nil }
      }
      for recipient in Self.recipients(of: sender, in: chat, admins) where recipient != sender {
        notices[
          recipient, default: Notice(firstMessageID: message.id, lastMessageID: 0, count: 0)
        ].lastMessageID = message.id
        notices[recipient]?.count += 1
      }
    }
  }

  private static func recipients(
    of sender: PersonID, in chat: Chat, _ admins: [PersonID]
  ) -> [PersonID] {
    let worker = chat.workerID.map { PersonID(.worker, $0) }
    if !sender.role.isStaff { return worker.map { [$0] } ?? admins }
    if chat.isAmongStaff { return chat.people }
    return chat.people.filter { !$0.role.isStaff }
  }
}
