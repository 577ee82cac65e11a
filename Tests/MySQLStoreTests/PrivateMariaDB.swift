import Glibc
import Logging

@testable import MySQLStore

/// A private MariaDB server for the tests of this process: own data folder, unix socket, no network.
final class PrivateMariaDB: Sendable {
  /// The one server; it ends with this process, whatever ends that.
  static let shared = PrivateMariaDB()

  private let folder: String

  private init() {
    var template = Array("/tmp/nati-store-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "mkdtemp")
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // A listener's test may have changed the process's umask at this very moment.
    chmod(folder, 0o700)
    // The shell waits for this process's end at the pipe that it reads, then cleans up.
    let script = """
      set -e; umask 022; cd /; f=\(folder); u=; [ "$(id -u)" != 0 ] || { u=--user=mysql; chown mysql $f; }
      mariadb-install-db --no-defaults $u --datadir=$f/data --skip-test-db \
        --auth-root-authentication-method=normal >$f/install.log 2>&1
      mariadbd --no-defaults $u --datadir=$f/data --socket=$f/socket --pid-file=$f/pid \
        --skip-networking --character-set-server=utf8mb4 --innodb-lock-wait-timeout=5 \
        >$f/log 2>&1 </dev/null &
      server=$!
      cat >/dev/null || true
      kill $server; wait $server || true; rm -rf $f
      """
    let pipe = popen("bash -c '\(script)'", "we")
    precondition(pipe != nil, "popen")
    for _ in 0..<600 {
      if (try? Connection(configuration(database: "mysql"), autocommit: true)) != nil { return }
      usleep(100_000)
    }
    preconditionFailure("MariaDB did not start: see \(folder)")
  }

  private func configuration(database: String) -> DatabaseConfiguration {
    DatabaseConfiguration(
      socket: "\(folder)/socket", user: "root", name: database, connections: 4, acquireTimeout: 1)
  }

  /// A fresh, empty database.
  func makeDatabase(_ name: String = "test_\(UInt32.random(in: .min ... .max))") throws -> Database
  {
    try Connection(configuration(database: "mysql"), autocommit: true)
      .run("CREATE DATABASE \(name) CHARACTER SET utf8mb4")
    return Database(
      configuration(database: name), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }
}
