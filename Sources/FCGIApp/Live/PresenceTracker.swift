import Chat
import MySQLStore
import Threads

/// Who has been there since the last note of it; a request only leaves its name here.
final class PresenceTracker: Sendable {
  /// Seconds between two notes of one person.
  private static let notedEvery = 30.0

  private struct State {
    var notedAt: [PersonID: Double] = [:]
    var pending: Set<PersonID> = []
  }

  private let state = Lock(State())

  /// Somebody is there.
  func see(_ person: PersonID, now: Double) {
    state.withLock { state in
      if let noted = state.notedAt[person], now - noted < Self.notedEvery { return }
      state.notedAt[person] = now
      state.pending.insert(person)
    }
  }

  /// Those to be noted in the database.
  func takePending() -> [PersonID] {
    state.withLock { state in
      defer { state.pending = [] }
      return Array(state.pending)
    }
  }

  /// Puts back those whom the database could not take.
  func putBack(_ people: [PersonID]) {
    state.withLock { state in state.pending.formUnion(people) }
  }

  /// Forgets who has long gone.
  func forgetGone(now: Double) {
    state.withLock { state in
      state.notedAt = state.notedAt.filter { now - $0.value < Self.notedEvery * 2 }
    }
  }
}

/// What has arrived at whose client since the last note of it.
final class DeliveryTracker: Sendable {
  private struct Key: Hashable {
    let chatID: Int64
    let person: PersonID
  }

  private struct State {
    var delivered: [Key: Int64] = [:]
    var pending: [Key: Int64] = [:]
  }

  private let state = Lock(State())

  /// Notes that a person's client has got a chat's messages up to one.
  func note(_ chatID: Int64, _ person: PersonID, upTo messageID: Int64) {
    let key = Key(chatID: chatID, person: person)
    state.withLock { state in
      guard messageID > state.delivered[key] ?? 0 else { return }
      if state.delivered.count >= 100_000 { state.delivered.removeAll() }
      state.delivered[key] = messageID
      state.pending[key] = messageID
    }
  }

  /// What is to be noted in the database.
  func takePending() -> [Delivery] {
    state.withLock { state in
      defer { state.pending = [:] }
      return state.pending.map { key, messageID in
        Delivery(chatID: key.chatID, person: key.person, messageID: messageID)
      }
    }
  }

  /// Puts back what the database could not take.
  func putBack(_ deliveries: [Delivery]) {
    state.withLock { state in
      for delivery in deliveries {
        let key = Key(chatID: delivery.chatID, person: delivery.person)
        state.pending[key] = max(state.pending[key] ?? 0, delivery.messageID)
      }
    }
  }
}
