import Chat
import FastCGI
import Testing

@testable import FCGIApp

@Suite struct ReplyTests {
  @Test func textIsEscapedForJSONAndForHTML() {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("text", "\"\\/\n\t\u{1}<ሰ😀")
      writer.field("html", htmlEncoding: "<a href=\"x\">'&'\n")
      writer.field("none", nil as String?)
      writer.field("list", array: [1, 22] as [Int64]) { writer, number in
        writer.field("n", number)
        writer.field("even", number.isMultiple(of: 2))
      }
      writer.field("empty", array: [] as [Int64]) { _, _ in }
      writer.field("counts", numbers: [10: 1, 9: 2])
    }
    #expect(
      String(decoding: writer.bytes, as: UTF8.self) == """
        {"text":"\\"\\\\/\\n\\t\\u0001<ሰ😀",\
        "html":"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;\\n","none":null,\
        "list":[{"n":1,"even":false},{"n":22,"even":true}],"empty":[],"counts":{"9":2,"10":1}}
        """)
  }

  @Test(arguments: Failure.Code.allCases)
  func everyRefusalIsTheCallersOr503(code: Failure.Code) {
    let status = Reply.failure(Failure(code, "No.")).status
    #expect((400..<500).contains(status) || (code == .unavailable && status == 503))
  }

  @Test(arguments: [
    ("/api/chat/start", "chat/start"), ("/automotive/api/chat/list.php", "chat/list"),
    ("/admin/workers/api/chat/list.php", "chat/list"), ("/api/auth/me", "auth/me"),
    ("/api/chat/start/", ""),
    ("/chat/start", ""), ("", ""), ("/api/", ""),
    ("/api/api/chat/x", "chat/x"), ("/api/chat/.php", "chat/"),
  ])
  func theRouteOfAnAddress(address: String, path: String) throws {
    let request = Request(parameters: Parameters([(name: "SCRIPT_NAME", value: address)]))
    #expect(try Router.path(of: request) == path)
  }

  @Test func noTwoRoutesForOneMethodAndPath() {
    let names = Route.all.map { "\($0.method.rawValue) \($0.path)" }
    #expect(Set(names).count == names.count)
  }
}

@Suite struct InputTests {
  private func input(_ type: String, _ body: String, query: String = "") throws -> Input {
    try Input(
      Request(
        parameters: Parameters([
          (name: "CONTENT_TYPE", value: type), (name: "QUERY_STRING", value: query),
        ]), body: Array(body.utf8)))
  }

  @Test func formAndJSONSayTheSame() throws {
    let form = try input("application/x-www-form-urlencoded; charset=UTF-8", "a=%E1%88%80+b%2&n=7")
    let json = try input("application/json", #"{"a":"ሀ b%2","n":7}"#)
    for input in [form, json] {
      #expect(try input.string("a") == "ሀ b%2")
      #expect(try input.identifier("n") == 7)
      #expect(try input.string("missing") == nil)
    }
  }

  @Test func theBodyGoesBeforeTheQueryAndTheFirstOfTwoCounts() throws {
    let input = try input(
      "application/x-www-form-urlencoded", "a=body&a=second", query: "a=query&b=1&b=2")
    #expect(try input.string("a") == "body")
    #expect(try input.string("b") == "1")
  }
}
