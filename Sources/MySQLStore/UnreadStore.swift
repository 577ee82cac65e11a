import Chat

/// Where counting what a reader has not read starts in a chat.
struct UnreadFloor: Sendable {
  /// The chat.
  let chatID: Int64
  /// Messages up to this one count as read.
  let messageID: Int64
  /// The chat's newest message.
  let newestID: Int64
}

/// What somebody has not read in a chat.
public struct UnreadCount: Sendable, Equatable {
  /// How many messages of others.
  public var count: Int64
  /// The newest message that was looked at; 0 if there is none.
  ///
  /// Later ones are not counted yet.
  public var newestMessageID: Int64
  /// Whether it is part of the reader's total.
  ///
  /// A closed chat counts nothing for staff: closing says that it is dealt with.
  public var isInTotal: Bool

  /// How many messages were looked at, one's own among them.
  ///
  /// Once ``Store/newestCounted`` are, each further message pushes the oldest one out of the count.
  public var lookedAt: Int64

  /// Describes a count.
  public init(count: Int64, lookedAt: Int64, newestMessageID: Int64, isInTotal: Bool) {
    self.count = count
    self.lookedAt = lookedAt
    self.newestMessageID = newestMessageID
    self.isInTotal = isInTotal
  }
}

extension Store {
  /// How many of a chat's newest messages an unread count looks at, so that it is bounded.
  public static let newestCounted = 100

  /// How many chats a total looks at: the most recently active ones.
  static let chatsInTotal = 500

  /// The read mark of the person in the chat `c`, as the alias `r`.
  static func readMarkJoin(_ person: PersonID) -> SQL {
    """
    LEFT JOIN tbl_chat_read_marks r ON r.chat_id = c.chat_id
      AND r.reader_type = \(person.role.rawValue) AND r.reader_id = \(person.number)
    """
  }

  /// Where counting starts: at the reader's mark, or at the newest messages that are looked at.
  ///
  /// Ids count through all chats: where they differ by little, few messages lie between.
  static let unreadFloor: SQL = """
    GREATEST(IFNULL(r.last_read_message_id, 0), IF(
      p.newest_id - IFNULL(r.last_read_message_id, 0) <= \(newestCounted), 0,
      IFNULL((SELECT o.message_id FROM tbl_chat_messages o WHERE o.chat_id = c.chat_id
        ORDER BY o.message_id DESC LIMIT 1 OFFSET \(newestCounted)), 0)))
    """

  /// The chats of a subquery as `p`, with the newest message of each, looked up once.
  ///
  /// The limit keeps the server from merging the subquery, which would look it up at every use.
  static func withNewestMessage(_ chats: SQL) -> SQL {
    """
    (SELECT s.chat_id, IFNULL((SELECT x.message_id FROM tbl_chat_messages x
       WHERE x.chat_id = s.chat_id ORDER BY x.message_id DESC LIMIT 1), 0) AS newest_id
     FROM \(chats) s LIMIT 1000) p
    """
  }

  /// How many messages of others the person has not read in a chat; `nil` if they may not see it.
  ///
  /// The row of the read mark is found by its whole primary key, so that the server reads it while
  /// it plans, and takes a range of `messages_of_chat` from it: only what is unread is touched.
  public func unreadCount(_ chatID: Int64, for person: PersonID) throws -> UnreadCount? {
    try database.read { session in try unreadCount(chatID, for: person, session) }
  }

  func unreadCount(
    _ chatID: Int64, for person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> UnreadCount? {
    let role = person.role.rawValue
    let counted = try session.first(
      """
      SELECT MAX(c.chat_id), MAX(r.last_read_message_id), COUNT(n.message_id),
        COUNT(IF(n.sender_type = \(role) AND n.sender_id <=> \(person.number), NULL, n.message_id)),
        MAX(n.message_id), MAX(c.status = 'closed')
      FROM tbl_chats c
      LEFT JOIN tbl_chat_read_marks r ON r.chat_id = \(chatID) AND r.reader_type = \(role)
        AND r.reader_id = \(person.number)
      LEFT JOIN tbl_chat_messages n FORCE INDEX (messages_of_chat) ON n.chat_id = \(chatID)
        AND n.message_id > r.last_read_message_id
      WHERE c.chat_id = \(chatID) AND \(Self.access(person))
      """
    ) { row in
      (
        isVisible: try row.optionalInteger(0) != nil, mark: try row.optionalInteger(1),
        newer: try row.integer(2), unread: try row.integer(3), newest: try row.optionalInteger(4),
        isClosed: try row.optionalInteger(5) == 1
      )
    }
    guard let counted, counted.isVisible else { return nil }
    let isInTotal = !(person.role.isStaff && counted.isClosed)
    if let mark = counted.mark, counted.newer <= Int64(Self.newestCounted) {
      return UnreadCount(
        count: counted.unread, lookedAt: counted.newer,
        newestMessageID: max(counted.newest ?? 0, mark),
        isInTotal: isInTotal)
    }
    return try session.first(
      """
      SELECT COUNT(IF(newest.message_id > \(counted.mark ?? 0)
          AND NOT (newest.sender_type = \(role) AND newest.sender_id <=> \(person.number)), 1, NULL)),
        IFNULL(MAX(newest.message_id), 0), COUNT(*)
      FROM (
        SELECT n.message_id, n.sender_type, n.sender_id
        FROM tbl_chat_messages n FORCE INDEX (messages_of_chat) WHERE n.chat_id = \(chatID)
        ORDER BY n.message_id DESC LIMIT \(Self.newestCounted)) newest
      """
    ) { row in
      UnreadCount(
        count: try row.integer(0), lookedAt: try row.integer(2),
        newestMessageID: try row.integer(1), isInTotal: isInTotal)
    }
  }

  /// How many messages of others the person has not read, for each of the most recently active chats
  /// that are in the total.
  public func unreadCounts(for person: PersonID) throws -> [Int64: UnreadCount] {
    try database.read { session in
      let state: SQL =
        person.role.isStaff ? " AND c.status IN ('open', 'pending', 'escalated')" : ""
      let floors = try session.query(
        """
        SELECT c.chat_id, \(Self.unreadFloor), p.newest_id
        FROM \(Self.withNewestMessage(
          """
          (SELECT c.chat_id FROM tbl_chats c WHERE \(Self.access(person)) \(state)
           ORDER BY c.updated_at DESC, c.chat_id DESC LIMIT \(Self.chatsInTotal))
          """))
        JOIN tbl_chats c ON c.chat_id = p.chat_id \(Self.readMarkJoin(person))
        """
      ) { row in
        UnreadFloor(
          chatID: try row.integer(0), messageID: try row.integer(1), newestID: try row.integer(2))
      }
      let counts = try unreadCounts(floors, for: person, session)
      var all: [Int64: UnreadCount] = [:]
      for floor in floors {
        let counted = counts[floor.chatID]
        all[floor.chatID] = UnreadCount(
          count: counted?.unread ?? 0, lookedAt: counted?.lookedAt ?? 0,
          newestMessageID: floor.newestID, isInTotal: true)
      }
      return all
    }
  }

  /// Counts in one statement.
  ///
  /// Its ranges are constants, and their number is one of a few, so that
  /// few statements are prepared.
  func unreadCounts(
    _ floors: [UnreadFloor], for person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> [Int64: (unread: Int64, lookedAt: Int64)] {
    let floors = floors.filter { $0.newestID > $0.messageID }
    guard let first = floors.first else { return [:] }
    // Up to the newest one that was seen: what came since is counted when its event comes.
    func range(_ chatID: Int64, _ above: Int64, _ upTo: Int64) -> SQL {
      "(n.chat_id = \(chatID) AND n.message_id > \(above) AND n.message_id <= \(upTo))"
    }
    var ranges = range(first.chatID, first.messageID, first.newestID)
    for floor in floors.dropFirst() {
      ranges += " OR " + range(floor.chatID, floor.messageID, floor.newestID)
    }
    let size = [1, 5, 20, 50, 100].first { $0 >= floors.count } ?? Self.chatsInTotal
    for _ in floors.count..<max(size, floors.count) {
      ranges += " OR " + range(0, 0, 0)
    }
    var counts: [Int64: (unread: Int64, lookedAt: Int64)] = [:]
    _ = try session.query(
      """
      SELECT n.chat_id, COUNT(IF(n.sender_type = \(person.role.rawValue)
          AND n.sender_id <=> \(person.number), NULL, 1)), COUNT(*)
      FROM tbl_chat_messages n FORCE INDEX (messages_of_chat)
      WHERE \(ranges) GROUP BY n.chat_id
      """
    ) { row in
      counts[try row.integer(0)] = (unread: try row.integer(1), lookedAt: try row.integer(2))
    }
    return counts
  }
}
