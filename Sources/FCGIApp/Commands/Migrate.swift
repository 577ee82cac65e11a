import ArgumentParser
import Logging
import MySQLStore

/// The command `nati-chat migrate`.
struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database schema up to date, or back to an earlier version.")

  @Flag(help: "Only tell what would be run.")
  var dryRun = false

  @Option(help: "The version to go to, forward or back; 0 takes all back. [newest]")
  var to: Int?

  func run() throws {
    do {
      try migrate()
    } catch let error as SettingsError {
      throw fail(error.description)
    } catch let error as MigrationError {
      throw fail(error.description)
    } catch let error as DatabaseError {
      throw fail(error.explanation)
    }
  }

  private func migrate() throws {
    let settings = try Settings(environment: processEnvironment())
    let database = Database(settings.database, logger: makeLogger(settings))
    defer { database.close() }
    let migrator = try Migrator(database: database, folder: settings.migrationFolder)
    let steps = try dryRun ? migrator.plan(to: to) : migrator.migrate(to: to)
    if steps.isEmpty { print("The schema is up to date.") }
    for step in steps { print("\(dryRun ? "would run" : "ran") \(step)") }
  }
}
