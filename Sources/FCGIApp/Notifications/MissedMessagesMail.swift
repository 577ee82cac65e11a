import Chat
import MySQLStore

/// The mail that tells of missed messages, as text and as HTML.
struct MissedMessagesMail {
  let missed: MissedMessages
  let chatID: Int64
  let mailID: Int64
  let siteURL: String
  let secret: String
  let linkUntil: Int64

  /// The whole mail to an address.
  func message(from: Mailbox, to address: String) -> MailMessage {
    MailMessage(
      from: from, to: Mailbox(name: recipientName, address: address), subject: subject,
      identifier: "chat-\(chatID)-mail-\(mailID)", unsubscribeURL: unsubscribeURL, text: text,
      html: html)
  }

  private var recipientName: String {
    missed.recipient.name == Person.fallbackName(missed.recipient.id.role)
      ? "" : missed.recipient.name
  }

  private var senders: String {
    var names: [String] = []
    for message in missed.messages where !names.contains(message.sender.name) {
      names.append(message.sender.name)
    }
    return names.joined(separator: ", ")
  }

  private var subject: String {
    let count = missed.hasMore ? "More than \(missed.messages.count)" : "\(missed.messages.count)"
    let what = missed.messages.count == 1 ? "New message" : "\(count) new messages"
    return "\(what) from \(senders)" + (missed.subject.map { ": \($0)" } ?? "")
  }

  /// Where the chat opens; a guest's link carries the right to come back.
  private var chatURL: String {
    let id = missed.recipient.id
    return switch id.role {
    case .customer: "\(siteURL)/customer/chat?chat=\(chatID)"
    case .worker: "\(siteURL)/worker?chat=\(chatID)"
    case .admin: "\(siteURL)/admin-chat?chat=\(chatID)"
    case .guest:
      // Behind the number sign: it reaches no server's log.
      "\(siteURL)/chat-return#"
        + SignedLink.guest(id.number, chatID: chatID, until: linkUntil).token(secret)
    }
  }

  private var unsubscribeURL: String {
    "\(siteURL)/api/chat/unsubscribe?token="
      + SignedLink.unsubscribe(missed.recipient.id).token(secret)
  }

  private var greeting: String {
    recipientName.isEmpty ? "Hello," : "Hello \(recipientName),"
  }

  private var introduction: String {
    missed.messages.count == 1
      ? "There is a message for you that you have not read yet."
      : "There are messages for you that you have not read yet."
  }

  private var text: String {
    var lines = [greeting, "", introduction, ""]
    if missed.hasMore { lines += ["(The newest \(missed.messages.count):)", ""] }
    for message in missed.messages {
      lines.append("\(message.sender.name), \(message.createdAt) UTC:")
      lines += message.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "> \($0)" }
      lines.append("")
    }
    lines += ["Read and answer:", chatURL, "", "No more of these mails:", unsubscribeURL, ""]
    return lines.joined(separator: "\n")
  }

  private var html: String {
    var body = """
      <!DOCTYPE html>
      <html><head><meta charset="utf-8"></head>
      <body style="font-family: sans-serif; line-height: 1.5; color: #17211e">
      <p>\(Self.encoded(greeting))</p>
      <p>\(Self.encoded(introduction))</p>

      """
    if missed.hasMore { body += "<p>(The newest \(missed.messages.count):)</p>\n" }
    for message in missed.messages {
      body += """
        <p style="margin-bottom: 0"><b>\(Self.encoded(message.sender.name))</b>
        <small>\(message.createdAt) UTC</small></p>
        <blockquote style="margin: 0 0 1em; padding: .5em 1em; background: #e9eeec; \
        white-space: pre-wrap">\(Self.encoded(message.text))</blockquote>

        """
    }
    return body + """
      <p><a href="\(Self.encoded(chatURL))">Read and answer</a></p>
      <p><small><a href="\(Self.encoded(unsubscribeURL))">No more of these mails</a></small></p>
      </body></html>

      """
  }

  private static func encoded(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { encoded, scalar in
      switch scalar {
      case "<": encoded += "&lt;"
      case ">": encoded += "&gt;"
      case "&": encoded += "&amp;"
      case "\"": encoded += "&quot;"
      case "'": encoded += "&#39;"
      default: encoded.unicodeScalars.append(scalar)
      }
    }
  }
}
