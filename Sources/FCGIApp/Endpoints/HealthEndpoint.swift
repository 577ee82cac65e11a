import Chat
import FastCGI
import MySQLStore

/// `GET health`: for the web server and monitors.
enum HealthEndpoint {
  @Sendable static func show(_ context: RequestContext) throws -> Response {
    if try context.input.string("database") == "0" {
      return Reply.success { writer in writer.field("status", "ok") }
    }
    guard let version = try context.store.schemaVersion() else {
      throw Failure(.unavailable, "The database schema is not up to date.", retryAfter: 30)
    }
    return Reply.success { writer in
      writer.field("status", "ok")
      writer.field("database", true)
      writer.field("schema_version", version)
    }
  }
}
