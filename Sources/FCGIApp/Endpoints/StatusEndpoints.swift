import Chat
import FastCGI
import MySQLStore

/// `POST assign_worker`, `close`, `escalate`, `reopen` and `pending`.
enum StatusEndpoints {
  @Sendable static func assignWorker(_ context: RequestContext) throws -> Response {
    let actor = try context.actor
    try Policy.requireAdmin(actor)
    let chatID = try context.input.requiredIdentifier("chat_id")
    guard context.input.has("worker_id") else {
      throw Failure(.invalid, "worker_id is missing; null takes the worker off.")
    }
    let workerID = try context.input.identifier("worker_id")
    try context.store.assign(chatID, workerID: workerID, by: actor)
    return Reply.success { writer in
      writer.field("chat_id", chatID)
      writer.field("worker_id", workerID)
      writer.field("assigned_by", actor.number)
    }
  }

  @Sendable static func close(_ context: RequestContext) throws -> Response {
    try change(context, .close)
  }

  @Sendable static func escalate(_ context: RequestContext) throws -> Response {
    try change(context, .escalate)
  }

  @Sendable static func reopen(_ context: RequestContext) throws -> Response {
    try change(context, .reopen)
  }

  @Sendable static func wait(_ context: RequestContext) throws -> Response {
    try change(context, .wait)
  }

  private static func change(
    _ context: RequestContext, _ transition: Policy.Transition
  ) throws -> Response {
    let chatID = try context.input.requiredIdentifier("chat_id")
    let status = try context.store.change(chatID, transition, by: try context.actor)
    return Reply.success { writer in
      writer.field("chat_id", chatID)
      writer.field("status", status.rawValue)
    }
  }
}
