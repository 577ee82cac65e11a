import Testing

@testable import Chat

@Suite struct PolicyTests {
  static let customer = PersonID(.customer, 1)
  static let guest = PersonID(.guest, 1)
  static let worker = PersonID(.worker, 1)
  static let admin = PersonID(.admin, 1)

  static func chat(
    userID: Int64? = 1, guestID: Int64? = nil, workerID: Int64? = 1, status: ChatStatus = .open
  ) -> Chat {
    Chat(
      id: 7, userID: userID, guestID: guestID, adminID: nil, workerID: workerID, assignedBy: nil,
      status: status, subject: nil, createdAt: "", updatedAt: "")
  }

  @Test func onlyParticipantsAndAdminsSeeAChat() {
    let chat = Self.chat()
    #expect(Policy.maySee(chat, Self.customer))
    #expect(Policy.maySee(chat, Self.worker))
    #expect(Policy.maySee(chat, Self.admin))
    #expect(!Policy.maySee(chat, PersonID(.customer, 2)))
    #expect(!Policy.maySee(chat, PersonID(.worker, 2)))
    // The same number of another table is another person.
    #expect(!Policy.maySee(chat, Self.guest))
    #expect(!Policy.maySee(Self.chat(userID: nil, guestID: nil, workerID: nil), Self.customer))
  }

  @Test(arguments: ChatStatus.allCases, Policy.Transition.allCases)
  func onlyStaffChangeStates(status: ChatStatus, transition: Policy.Transition) {
    for person in [Self.customer, Self.guest] {
      let failure = #expect(throws: Failure.self) {
        try Policy.status(after: transition, of: Self.chat(status: status), by: person)
      }
      #expect(failure?.code == .forbidden)
    }
  }

  @Test func transitionsOfAnAdmin() throws {
    func after(_ transition: Policy.Transition, _ status: ChatStatus) -> ChatStatus? {
      try? Policy.status(after: transition, of: Self.chat(status: status), by: Self.admin)
    }
    let table: [(Policy.Transition, [ChatStatus: ChatStatus])] = [
      (.close, [.open: .closed, .pending: .closed, .escalated: .closed]),
      (.escalate, [.open: .escalated, .pending: .escalated]),
      (.reopen, [.closed: .open, .pending: .open, .escalated: .open]),
      (.wait, [.open: .pending, .escalated: .pending]),
    ]
    for (transition, possible) in table {
      for status in ChatStatus.allCases {
        #expect(after(transition, status) == possible[status])
      }
    }
  }

  @Test func aWorkerCannotTakeBackAnEscalation() {
    for transition in [Policy.Transition.reopen, .wait] {
      let failure = #expect(throws: Failure.self) {
        try Policy.status(after: transition, of: Self.chat(status: .escalated), by: Self.worker)
      }
      #expect(failure?.code == .forbidden)
    }
  }
}
