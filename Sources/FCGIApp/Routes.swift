import FastCGI

/// What answers a request.
///
/// It gives `nil` if the answer comes later, through the context's ``Answer``.
typealias Endpoint = @Sendable (RequestContext) throws -> Response?

/// One line of the table of routes.
struct Route: Sendable {
  /// The methods that an address takes.
  enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  /// Who gets to the endpoint.
  enum Access: Sendable {
    /// Identities are not even looked at.
    case anybody
    /// Identities are looked at; there may be none.
    case optional
    /// Somebody must be proven.
    case required
  }

  let method: Method
  /// The address below `/api/`, without `.php`.
  let path: String
  var access: Access = .required
  var actor: ActorParameters = .none
  /// True for endpoints that compute bcrypt.
  var usesPasswords = false
  let endpoint: Endpoint

  /// All there are.
  static let all: [Route] = [
    Route(method: .get, path: "chat/health", access: .anybody, endpoint: HealthEndpoint.show),
    Route(
      method: .post, path: "chat/start", access: .optional, actor: .starter,
      endpoint: StartEndpoint.start),
    Route(
      method: .post, path: "chat/send_message", actor: .sender, endpoint: MessageEndpoint.send),
    Route(method: .get, path: "chat/messages", actor: .sender, endpoint: HistoryEndpoint.show),
    Route(method: .get, path: "chat/updates", actor: .sender, endpoint: UpdatesEndpoint.poll),
    Route(method: .post, path: "chat/typing", actor: .sender, endpoint: TypingEndpoint.type),
    Route(method: .get, path: "chat/list", actor: .owner, endpoint: ListEndpoint.list),
    Route(
      method: .get, path: "chat/unread_count", actor: .sender, endpoint: ReadEndpoints.unreadCount),
    Route(method: .post, path: "chat/mark_read", actor: .sender, endpoint: ReadEndpoints.markRead),
    Route(
      method: .post, path: "chat/assign_worker", actor: .assigner,
      endpoint: StatusEndpoints.assignWorker),
    Route(method: .post, path: "chat/close", actor: .role, endpoint: StatusEndpoints.close),
    Route(method: .post, path: "chat/escalate", actor: .role, endpoint: StatusEndpoints.escalate),
    Route(method: .post, path: "chat/reopen", actor: .role, endpoint: StatusEndpoints.reopen),
    Route(method: .post, path: "chat/pending", actor: .role, endpoint: StatusEndpoints.wait),
    Route(method: .get, path: "chat/get_technicians", endpoint: PeopleEndpoints.technicians),
    Route(method: .get, path: "chat/people", endpoint: PeopleEndpoints.search),
    Route(method: .get, path: "chat/profile", endpoint: ProfileEndpoints.show),
    Route(
      method: .post, path: "chat/profile", usesPasswords: true, endpoint: ProfileEndpoints.change),
    Route(method: .get, path: "chat/notifications", endpoint: NotificationEndpoints.list),
    Route(method: .post, path: "chat/notifications/read", endpoint: NotificationEndpoints.markRead),
    Route(method: .get, path: "chat/deliveries", endpoint: NotificationEndpoints.deliveries),
    Route(method: .get, path: "chat/preferences", endpoint: PreferenceEndpoints.show),
    Route(method: .post, path: "chat/preferences", endpoint: PreferenceEndpoints.change),
    Route(
      method: .get, path: "chat/unsubscribe", access: .anybody,
      endpoint: LinkEndpoints.showUnsubscribe),
    Route(
      method: .post, path: "chat/unsubscribe", access: .anybody,
      endpoint: LinkEndpoints.unsubscribe),
    Route(
      method: .post, path: "chat/return", access: .optional, endpoint: LinkEndpoints.comeBack),
    Route(
      method: .post, path: "auth/login", access: .anybody, usesPasswords: true,
      endpoint: SignInEndpoints.logIn),
    Route(method: .post, path: "auth/logout", access: .anybody, endpoint: SignInEndpoints.logOut),
    Route(method: .get, path: "auth/me", endpoint: SignInEndpoints.me),
    Route(
      method: .get, path: "auth/allows", access: .optional, endpoint: SignInEndpoints.allows),
    Route(
      method: .post, path: "auth/signup", access: .anybody, usesPasswords: true,
      endpoint: AccountEndpoints.signUp),
    Route(
      method: .post, path: "auth/staff", usesPasswords: true,
      endpoint: AccountEndpoints.makeStaffMember),
  ]
}
