import Chat
import FastCGI
import Logging
import MySQLStore

/// Takes a request to its endpoint and makes an answer of whatever happens there.
struct Router: Sendable {
  private let application: Application
  private let routes: [String: [Route]]

  /// Builds the table.
  ///
  /// Two routes for one method and path stop the program.
  init(_ application: Application, routes: [Route] = Route.all) {
    self.application = application
    self.routes = Dictionary(grouping: routes, by: \.path)
    for (path, routes) in self.routes {
      precondition(
        Set(routes.map(\.method)).count == routes.count, "two routes for one method of \(path)")
    }
  }

  /// Answers one request; called on a worker thread.
  func handle(_ request: Request, _ responder: Responder) {
    var log = RequestLog(request, application.logger)
    let path: String
    let found: [Route]
    do {
      path = try Self.path(of: request)
      found = routes[path] ?? []
    } catch {
      return log.answer(Reply.failure(error), responder)
    }
    guard !found.isEmpty else {
      return log.answer(
        Reply.failure(Failure(.notFound, "There is nothing at this address.")), responder)
    }
    log.path = path
    let method = log.method == "HEAD" ? "GET" : log.method
    guard let route = found.first(where: { $0.method.rawValue == method }) else {
      let allowed = found.map(\.method.rawValue).sorted().joined(separator: ", ")
      return log.answer(Reply.methodNotAllowed(allowed), responder)
    }
    guard route.usesPasswords else { return answer(request, route, &log, responder) }
    do {
      try application.passwordQueue.add { [log] in
        var log = log
        answer(request, route, &log, responder)
      }
    } catch {
      log.answer(Reply.failure(error), responder)
    }
  }

  private func answer(
    _ request: Request, _ route: Route, _ log: inout RequestLog, _ responder: Responder
  ) {
    let caller = Result { try identify(request, route) }
    log.actor = (try? caller.get())?.2?.person.id
    let answer = Answer(log: log, responder: responder)
    answer.respond {
      let (input, identities, identity) = try caller.get()
      if let identity { application.live.see(identity.person.id) }
      let response = try route.endpoint(
        RequestContext(
          application: application, request: request, input: input, identities: identities,
          identity: identity, answer: answer))
      if route.method == .post { application.live.noteWrite() }
      return response
    }
  }

  /// Who acts, and with what.
  private func identify(
    _ request: Request, _ route: Route
  ) throws -> (Input, [Identity], Identity?) {
    if route.method == .post { try CrossOrigin.refuse(request) }
    let input = try Input(request)
    var identities: [Identity] = []
    var identity: Identity?
    if route.access != .anybody {
      identities = try application.resolver.identities(of: request, isAction: route.method == .post)
      if !identities.isEmpty || route.access == .required {
        identity = try IdentityResolver.actor(among: identities, input: input, route.actor)
      }
    }
    return (input, identities, identity)
  }

  /// The address below the last `/api/`, whatever folder the site lives in, without `.php`.
  ///
  /// - Throws: `malformed` if the address is not UTF-8.
  static func path(of request: Request) throws(Failure) -> String {
    for name: StaticString in ["PATH_INFO", "SCRIPT_NAME"] {
      guard let bytes = request.parameters.bytes(name), !bytes.isEmpty else { continue }
      guard bytes.last != UInt8(ascii: "/"),
        let start = bytes.indices.last(where: { bytes[$0...].starts(with: "/api/".utf8) })
      else { continue }
      var name = bytes[(start + 5)...]
      if name.hasSuffix(".php") { name = name.dropLast(4) }
      guard let path = String(validating: name, as: UTF8.self) else {
        throw Failure(.malformed, "The address is not valid UTF-8.")
      }
      return path
    }
    return ""
  }
}

extension ArraySlice<UInt8> {
  fileprivate func hasSuffix(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return suffix(wanted.count).elementsEqual(wanted)
  }
}
