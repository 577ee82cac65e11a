/// How to reach the database.
public struct DatabaseConfiguration: Sendable {
  /// The host; not used where there is a socket.
  public var host: String?
  /// The port.
  public var port: UInt16
  /// The unix socket.
  public var socket: String?
  /// The account.
  public var user: String
  /// The account's password.
  public var password: String
  /// The database.
  public var name: String
  /// Connections at most.
  public var connections: Int
  /// Seconds to connect in.
  public var connectTimeout: UInt32
  /// Seconds to wait for an answer; the library's own default is for ever.
  public var readTimeout: UInt32
  /// Seconds to send in.
  public var writeTimeout: UInt32
  /// Seconds to wait for a connection that others use.
  public var acquireTimeout: Int

  /// Describes how to reach a database.
  public init(
    host: String? = nil, port: UInt16 = 3306, socket: String? = nil, user: String,
    password: String = "", name: String, connections: Int = 8, connectTimeout: UInt32 = 5,
    readTimeout: UInt32 = 15, writeTimeout: UInt32 = 15, acquireTimeout: Int = 5
  ) {
    self.host = host
    self.port = port
    self.socket = socket
    self.user = user
    self.password = password
    self.name = name
    self.connections = connections
    self.connectTimeout = connectTimeout
    self.readTimeout = readTimeout
    self.writeTimeout = writeTimeout
    self.acquireTimeout = acquireTimeout
  }
}
