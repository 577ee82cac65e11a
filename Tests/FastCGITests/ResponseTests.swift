import Testing

@testable import FastCGI

@Suite struct ResponseTests {
  @Test func theFormOfCGI() {
    let response = Response(
      status: 404, headers: [(name: "X-A", value: "b")], body: Array("gone".utf8))
    #expect(
      String(decoding: response.serialized(), as: UTF8.self)
        == "Status: 404 Not Found\r\nX-A: b\r\n\r\ngone")
  }

  @Test(arguments: ["a\r\nSet-Cookie: x=y", "a\nb", "a\0b"])
  func aHeaderCannotMakeOthers(value: String) {
    let response = Response(status: 200, headers: [(name: "X-A", value: value)])
    #expect(String(decoding: response.serialized(), as: UTF8.self) == "Status: 200 OK\r\n\r\n")
  }

  @Test(arguments: [
    ("unix:/run/x.sock", ListenAddress.unix(path: "/run/x.sock")),
    ("127.0.0.1:9000", .tcp(host: "127.0.0.1", port: 9_000)),
    ("[::1]:9000", .tcp(host: "::1", port: 9_000)), ("fd:0", .inherited(descriptor: 0)),
  ])
  func addresses(text: String, address: ListenAddress) {
    #expect(ListenAddress(text) == address)
    #expect(address.description == text)
  }

  @Test(arguments: [
    "", "unix:", "unix:x", "9000", ":9000", "host:", "host:0", "host:65536", "fd:x", "fd:-1",
  ])
  func wrongAddresses(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
