import Dispatch
import Glibc
import Logging
import Threads
import Testing

@testable import FastCGI

/// A server on a socket of its own, for as long as `body` runs.
private func withServer(
  lookingWorkers: Int = 3, maximumBodyBytes: Int = 1_000, handler: @escaping Handler,
  _ body: (String) throws -> Void
) throws {
  Signals.block()
  let path = "/tmp/nati-fcgi-\(UInt64.random(in: .min ... .max)).sock"
  let server = Server(
    ServerConfiguration(
      workers: 3, lookingWorkers: lookingWorkers, maximumBodyBytes: maximumBodyBytes,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
    listener: try Listener(.unix(path: path)), handler: handler)
  let thread = WorkerThread { server.run() }
  defer {
    server.stop()
    thread.join()
    #expect(access(path, F_OK) != 0)
  }
  try body(path)
}

private let echo: Handler = { request, responder in
  let query = request.parameters["QUERY_STRING"] ?? "none"
  responder.respond(
    Response(
      status: request.bodyIsTooLarge ? 413 : 200, headers: [(name: "X-Query", value: query)],
      body: request.body))
}

@Suite struct ServerTests {
  @Test func aConnectionServesManyRequests() throws {
    try withServer(handler: echo) { path in
      let client = try FastCGIClient(path)
      for number in 0..<50 {
        let body = [UInt8](repeating: UInt8(number), count: number * 10)
        let answer = try client.request(query: "n=\(number)", body: body)
        #expect(answer == Array("Status: 200 OK\r\nX-Query: n=\(number)\r\n\r\n".utf8) + body)
      }
    }
  }

  @Test func aBodyInManyRecords() throws {
    try withServer(maximumBodyBytes: 200_000, handler: echo) { path in
      let client = try FastCGIClient(path)
      let body = (0..<150_000).map { UInt8(truncatingIfNeeded: $0) }
      for recordSize in [1_000, 8_184, 65_535] {
        let answer = try client.request(query: "", body: body, recordSize: recordSize)
        #expect(answer.suffix(body.count).elementsEqual(body))
      }
    }
  }

  @Test func afterATooLargeBodyTheConnectionIsStillGood() throws {
    try withServer(handler: echo) { path in
      let client = try FastCGIClient(path)
      let refused = try client.request(query: "", body: [UInt8](repeating: 1, count: 300_000))
      #expect(refused.starts(with: "Status: 413 Content Too Large".utf8))
      let next = try client.request(query: "next", body: [7])
      #expect(next == Array("Status: 200 OK\r\nX-Query: next\r\n\r\n".utf8) + [7])
    }
  }

  @Test func anAnswerFromAnotherThreadLater() throws {
    let waiting = Lock<[Responder]>([])
    try withServer(handler: { _, responder in waiting.withLock { $0.append(responder) } }) { path in
      // More than there are workers: none of them is held.
      let clients = try (0..<8).map { _ in try FastCGIClient(path) }
      for client in clients { try client.send(query: "", body: []) }
      while waiting.withLock({ $0.count }) < clients.count { sched_yield() }
      for responder in waiting.withLock({ $0 }) {
        responder.respond(Response(status: 200, body: [42]))
      }
      for client in clients {
        #expect(try client.receive() == Array("Status: 200 OK\r\n\r\n".utf8) + [42])
      }
      waiting.withLock { $0.removeAll() }
    }
  }

  @Test func aWorkerThatWillBlockLetsAnotherOneLook() throws {
    let release = DispatchSemaphore(value: 0)
    let handler: Handler = { request, responder in
      if request.parameters["QUERY_STRING"] == "slow" {
        Server.willBlock()
        release.wait()
      }
      responder.respond(Response(status: 200))
    }
    try withServer(lookingWorkers: 1, handler: handler) { path in
      let slow = try FastCGIClient(path)
      try slow.send(query: "slow", body: [])
      // Several in a row: the place comes back after each.
      for _ in 0..<5 {
        let answer = try FastCGIClient(path).request(query: "", body: [])
        #expect(answer.starts(with: "Status: 200".utf8))
      }
      release.signal()
      #expect(try slow.receive().starts(with: "Status: 200".utf8))
    }
  }

  @Test func aClientThatLeavesIsNoticedAndForgotten() throws {
    let waiting = Lock<[Responder]>([])
    let left = DispatchSemaphore(value: 0)
    let handler: Handler = { request, responder in
      guard request.parameters["QUERY_STRING"] == "wait" else {
        return responder.respond(Response(status: 200))
      }
      responder.onHangUp {
        responder.abandon()
        left.signal()
      }
      waiting.withLock { $0.append(responder) }
    }
    try withServer(handler: handler) { path in
      do {
        let client = try FastCGIClient(path)
        try client.send(query: "wait", body: [])
        while waiting.withLock({ $0.isEmpty }) { sched_yield() }
      }
      #expect(left.wait(timeout: .now() + 10) == .success)
      // The descriptor's number may be the next connection's: that one is untouched.
      let answer = try FastCGIClient(path).request(query: "", body: [])
      #expect(answer.starts(with: "Status: 200".utf8))
    }
  }

  @Test func anAnswerAndALeavingClientAtOnce() throws {
    let handler: Handler = { _, responder in
      responder.onHangUp { responder.abandon() }
      responder.respond(Response(status: 200))
    }
    try withServer(handler: handler) { path in
      for _ in 0..<300 { try FastCGIClient(path).send(query: "", body: []) }
      let answer = try FastCGIClient(path).request(query: "", body: [])
      #expect(answer.starts(with: "Status: 200".utf8))
    }
  }

  @Test func aDroppedResponderAnswers500() throws {
    try withServer(handler: { _, _ in }) { path in
      let answer = try FastCGIClient(path).request(query: "", body: [])
      #expect(answer.starts(with: "Status: 500".utf8))
    }
  }

  @Test func silentTornAndLeavingPeersHoldNobodyUp() throws {
    let calls = Lock(0)
    let counting: Handler = { request, responder in
      calls.withLock { $0 += 1 }
      echo(request, responder)
    }
    try withServer(handler: counting) { path in
      let silent = try (0..<20).map { _ in try FastCGIClient(path) }
      let torn = try (0..<2).map { _ in try FastCGIClient(path) }
      for client in torn { try client.write([1]) }
      for _ in 0..<5 {
        // Announces ten octets, sends three, leaves.
        let leaving = try FastCGIClient(path)
        try leaving.send(query: "", body: [1, 2, 3], contentLength: 10)
      }
      let answer = try FastCGIClient(path).request(query: "here", body: [])
      #expect(answer == Array("Status: 200 OK\r\nX-Query: here\r\n\r\n".utf8))
      #expect(calls.withLock { $0 } == 1)
      withExtendedLifetime((silent, torn)) {}
    }
  }

  @Test func parametersThatAreNoText() throws {
    let handler: Handler = { request, responder in
      #expect(request.parameters["QUERY_STRING"] == nil)
      responder.respond(
        Response(status: 200, body: request.parameters.bytes("QUERY_STRING") ?? []))
    }
    try withServer(handler: handler) { path in
      let answer = try FastCGIClient(path).request(queryBytes: [0xFF, 0xC0], body: [])
      #expect(answer.suffix(2).elementsEqual([0xFF, 0xC0]))
    }
  }

  @Test func stoppingFinishesWhatRuns() throws {
    let started = DispatchSemaphore(value: 0)
    let mayAnswer = DispatchSemaphore(value: 0)
    let client = Lock<FastCGIClient?>(nil)
    try withServer(handler: { request, responder in
      started.signal()
      mayAnswer.wait()
      echo(request, responder)
    }) { path in
      let connection = try FastCGIClient(path)
      try connection.send(query: "slow", body: [])
      started.wait()
      client.withLock { $0 = connection }
      DispatchQueue.global().asyncAfter(deadline: .now() + 0.05) { mayAnswer.signal() }
    }
    let answer = try client.withLock { try $0?.receive() }
    #expect(answer == Array("Status: 200 OK\r\nX-Query: slow\r\n\r\n".utf8))
  }

  @Test func aStaleSocketIsReplacedAndOneInUseIsNot() throws {
    let path = "/tmp/nati-fcgi-\(UInt64.random(in: .min ... .max)).sock"
    defer { unlink(path) }
    let first = try Listener(.unix(path: path))
    #expect(throws: ListenError.self) { try Listener(.unix(path: path)) }
    close(first.descriptor)
    let second = try Listener(.unix(path: path), mode: 0o600)
    var status = stat()
    stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o600)
    second.close()
    #expect(access(path, F_OK) != 0)
  }
}
