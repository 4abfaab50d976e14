import ArgumentParser
import MeshConfiguration
import MeshControl
import MeshSimulator

/// The command line of Thicket.
@main
struct Thicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thicket",
        abstract: "Bluetooth Low Energy meshes: look at them, operate them, simulate them.",
        discussion: """
            Exit codes: 0 good, 1 degraded or an expectation failed, 2 isolated, 3 daemon not reachable, 64 usage, \
            65 bad input file, 70 internal error.
            """,
        version: Version.text,
        subcommands: [Status.self, Links.self, Monitor.self, History.self, Config.self, Sim.self]
    )

    static func main() async {
        do {
            try checkVerbs(Array(CommandLine.arguments.dropFirst()))
            try await run(try parseAsRoot())
        } catch {
            exit(withError: error)
        }
    }

    /// Runs a command and ends the program with its exit code.
    private static func run(_ command: any ParsableCommand) async throws {
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let error as ConfigurationError {
            Console.note("error: \(error)")
            throw ExitStatus.badInput.code
        } catch let error as ControlError {
            Console.note("error: \(error.text)")
            throw ExitStatus.unreachable.code
        } catch let error as InternalError {
            Console.note("internal error: \(error.text)")
            throw ExitStatus.internalError.code
        } catch let error as ValidationError {
            // What parsing could not see yet; said as the parser says it.
            Console.note("Error: \(error.message)")
            Console.note("Usage: \(usageString(for: type(of: command)))")
            throw ExitStatus.usage.code
        }
    }

    /// Refuses words that are no verb, and says which there are.
    static func checkVerbs(_ arguments: [String]) throws {
        var group: any ParsableCommand.Type = Thicket.self
        var path = ""
        for argument in arguments {
            let verbs = group.configuration.subcommands
            guard !verbs.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return }
            guard let verb = verbs.first(where: { $0.configuration.commandName == argument }) else {
                let names = verbs.compactMap { $0.configuration.commandName }.joined(separator: ", ")
                throw ValidationError("there is no command '\(path)\(argument)'; there is: \(names)")
            }
            group = verb
            path += argument + " "
        }
    }
}

/// The exit codes of the command line contract.
enum ExitStatus: Int32 {
    case good = 0
    case degraded = 1
    case isolated = 2
    case unreachable = 3
    case usage = 64
    case badInput = 65
    case internalError = 70

    /// What a command throws to end with this code.
    var code: ExitCode { ExitCode(rawValue) }
}

/// The machine, or this program, did something it should not have.
struct InternalError: Error {
    var text: String
}
