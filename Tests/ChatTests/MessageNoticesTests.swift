import Testing

@testable import Chat

@Suite struct MessageNoticesTests {
  private let customer = PersonID(.customer, 1)
  private let guest = PersonID(.guest, 2)
  private let worker = PersonID(.worker, 3)
  private let admins = [PersonID(.admin, 1), PersonID(.admin, 2)]

  private func chat(
    user: Int64? = nil, guest: Int64? = nil, admin: Int64? = nil, worker: Int64? = nil
  ) -> Chat {
    Chat(
      id: 1, userID: user, guestID: guest, adminID: admin, workerID: worker, assignedBy: nil,
      status: .open, subject: nil, createdAt: "", updatedAt: "")
  }

  private func notices(_ senders: PersonID..., in chat: Chat) -> [PersonID: [Int64]] {
    let messages = senders.enumerated().map { (id: Int64($0.offset + 1), sender: $0.element) }
    return MessageNotices(messages, in: chat, admins: admins).notices.mapValues {
      [$0.firstMessageID, $0.lastMessageID, $0.count]
    }
  }

  @Test func customersReachTheirWorkerOrAllAdmins() {
    #expect(notices(customer, customer, in: chat(user: 1, worker: 3)) == [worker: [1, 2, 2]])
    #expect(
      notices(guest, in: chat(guest: 2)) == [admins[0]: [1, 1, 1], admins[1]: [1, 1, 1]])
    // An admin who has answered before is one of them.
    #expect(notices(customer, in: chat(user: 1, admin: 1)).count == 2)
  }

  @Test func staffReachTheCustomer() {
    #expect(notices(worker, in: chat(user: 1, worker: 3)) == [customer: [1, 1, 1]])
    #expect(notices(admins[0], in: chat(guest: 2, admin: 1, worker: 3)) == [guest: [1, 1, 1]])
  }

  @Test func colleaguesReachEachOther() {
    let talk = chat(admin: 1, worker: 3)
    #expect(notices(worker, worker, admins[0], in: talk) == [worker: [3, 3, 1]])
    #expect(notices(admins[0], worker, in: talk) == [admins[0]: [2, 2, 1]])
  }

  @Test func anAnswerSettlesWhatAllAdminsWereTold() {
    let unassigned = chat(user: 1)
    #expect(notices(customer, admins[1], in: unassigned) == [customer: [2, 2, 1]])
    let messages = [(id: Int64(5), sender: admins[1])]
    let answer = MessageNotices(messages, in: unassigned, admins: admins)
    #expect(answer.settlesAdmins && answer.settled == [admins[1]])
    // Among staff it does not: the other one has not read it.
    #expect(!MessageNotices(messages, in: chat(admin: 1, worker: 3), admins: admins).settlesAdmins)
  }
}
