import Chat

extension Store {
  /// Tells the others in the chat that somebody writes, at most once in three seconds.
  ///
  /// - Throws: `Failure` if the person may not write into the chat, ``DatabaseError``.
  public func addTyping(_ chatID: Int64, by person: PersonID) throws {
    try database.transaction { session in
      let (chat, _) = try lockedChat(chatID, for: person, session)
      try Policy.requireWritable(chat)
      // Under the chat's lock: two processes cannot both find none. Times are whole seconds.
      let earlier = try session.first(
        """
        SELECT e.event_id FROM tbl_chat_events e
        WHERE e.chat_id = \(chatID) AND e.type = 'typing' AND e.person_type = \(person.role.rawValue)
          AND e.person_id = \(person.number)
          AND e.created_at >= CURRENT_TIMESTAMP - INTERVAL 3 SECOND
        ORDER BY e.event_id DESC LIMIT 1
        """
      ) { row in try row.integer(0) }
      if earlier != nil { return }
      try session.execute(
        """
        INSERT INTO tbl_chat_events (chat_id, type, person_type, person_id)
        VALUES (\(chatID), 'typing', \(person.role.rawValue), \(person.number))
        """)
    }
  }
}
