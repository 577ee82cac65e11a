import Chat
import Testing

@testable import FCGIApp

@Suite struct MailTests {
  @Test(arguments: [
    ("Brakes", "Brakes"), ("a\r\nBcc: b", "a  Bcc: b"),
    ("ሰላም", "=?utf-8?B?4Yiw4YiL4Yid?="), ("=?x?", "=?utf-8?B?PT94Pw==?="),
  ])
  func headersAreOneLineOfASCII(text: String, header: String) {
    #expect(MailEncoding.text(text) == header)
  }

  @Test func longHeadersAreFolded() {
    let header = MailEncoding.text(String(repeating: "ሰላም ", count: 60))
    for line in header.split(separator: "\r\n") {
      #expect(line.utf8.count <= 76)
    }
    for line in header.split(separator: "\r\n").dropFirst() { #expect(line.hasPrefix(" ")) }
  }

  @Test func namesAreQuoted() {
    let mailbox = Mailbox(name: "Eve \"x\" <a@b.c>", address: "eve@example.com")
    #expect(mailbox.header == "\"Eve \\\"x\\\" <a@b.c>\" <eve@example.com>")
  }

  @Test(arguments: [
    ("chat@nati.example", "", "chat@nati.example"),
    ("Nati Automotive <chat@nati.example>", "Nati Automotive", "chat@nati.example"),
  ])
  func mailboxesAreRead(text: String, name: String, address: String) {
    #expect(Mailbox(text) == Mailbox(name: name, address: address))
  }

  @Test(arguments: ["", "nobody", "a <b>", "a@b", "x <a@b.c> y", "a@b.c\r\nBcc: d@e.f"])
  func whatIsNoMailboxIsRefused(text: String) { #expect(Mailbox(text) == nil) }

  @Test(arguments: [
    ("a=b", "a=3Db"), ("end \nnext", "end=20\r\nnext"), (".\n..x", "=2E\r\n=2E.x"), ("é", "=C3=A9"),
    ("tab\t", "tab=09"),
  ])
  func bodiesAreQuotedPrintable(text: String, encoded: String) {
    #expect(MailEncoding.quotedPrintable(text) == encoded)
  }

  @Test func longLinesOfBodiesAreBroken() {
    let encoded = MailEncoding.quotedPrintable(String(repeating: "ሰላም x", count: 100))
    for line in encoded.split(separator: "\r\n") { #expect(line.utf8.count <= 76) }
  }

  @Test func datesAreOfTheStandard() {
    #expect(MailMessage.date(1_795_219_200) == "Sat, 21 Nov 2026 00:00:00 +0000")
  }

  @Test(arguments: [
    SignedLink.guest(12, chatID: 34, until: 2_000), .unsubscribe(PersonID(.customer, 5)),
  ])
  func linksHoldWhatWasSigned(link: SignedLink) {
    let token = link.token("secret")
    #expect(SignedLink(token, "secret", now: 1_999) == link)
    #expect(SignedLink(token, "other", now: 1_999) == nil)
    for index in token.indices {
      var changed = token
      let character = token[index]
      changed.replaceSubrange(index...index, with: character == "1" ? "2" : "1")
      #expect(SignedLink(changed, "secret", now: 0) != link, "\(changed)")
    }
  }

  @Test func guestLinksEnd() {
    let token = SignedLink.guest(12, chatID: 34, until: 2_000).token("secret")
    #expect(SignedLink(token, "secret", now: 2_000) == nil)
  }

  @Test(
    arguments: [
      ("smtp://mail.example:587", true, nil, nil), ("smtp://127.0.0.1:25", false, nil, nil),
      ("smtp://a%40b:p%2Fw:d@127.0.0.1:25", true, "a@b", "p/w:d"),
      ("smtps://u@mail.example", true, "u", ""),
    ] as [(String, Bool, String?, String?)])
  func serverAddresses(url: String, isEncrypted: Bool, user: String?, password: String?) {
    let server = MailServer(
      url: url, certificates: nil, from: Mailbox(name: "", address: "chat@nati.example"))
    #expect(server?.requiresEncryption == isEncrypted)
    #expect(server?.user == user)
    #expect(server?.password == password)
    #expect(server?.url.contains("@") == false)
  }
}
