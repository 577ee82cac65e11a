import ArgumentParser
import FastCGI
import Glibc

/// The program's entry: as CGI one request, otherwise a command.
@main
struct Main {
  static func main() {
    // The main actor's isolation ends here: other threads run what is made below.
    run()
  }
}

private func run() {
  if CGI.isCGI {
    // A web server may turn a query into arguments (RFC 3875, 4.4): they are never looked at.
    serveCGI()
  } else {
    NatiChat.main()
  }
}

/// The command line.
struct NatiChat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nati-chat",
    abstract: "The chat backend of the Nati Automotive site, over FastCGI.",
    discussion: discussion,
    subcommands: [Serve.self, Migrate.self, Check.self],
    defaultSubcommand: Serve.self)

  private static var discussion: String {
    var text = "All configuration comes from the environment (default in brackets):\n"
    for variable in Settings.variables {
      text += "\n  \(variable.name) [\(variable.standard)]\n      \(variable.meaning)"
    }
    return text
  }
}

/// The environment as a dictionary.
func processEnvironment() -> [String: String] {
  var environment: [String: String] = [:]
  var entry = environ
  while let text = entry.pointee {
    let pair = String(cString: text)
    if let equals = pair.firstIndex(of: "=") {
      environment[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    entry += 1
  }
  return environment
}

/// Writes a sentence to standard error.
func writeError(_ sentence: String) {
  let line = "nati-chat: \(sentence)\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
}

/// Ends the program with a sentence on standard error.
func fail(_ sentence: String) -> ExitCode {
  writeError(sentence)
  return ExitCode(1)
}
