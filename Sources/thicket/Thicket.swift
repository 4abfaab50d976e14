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
            Exit codes: 0 good, 1 degraded, refused, or an expectation failed, 2 isolated, 3 daemon not reachable, 64 usage, \
            65 bad input file, 70 internal error.
            """,
        version: Version.text,
        subcommands: [
            Status.self, Nodes.self, Links.self, Neighbors.self, Topology.self, Why.self, Monitor.self, Top.self,
            History.self, Ping.self, Trace.self, MeshBench.self, Send.self, Listen.self, Config.self, TimeCommand.self,
            Group.self, Key.self, Enroll.self, Capture.self, Record.self, ReplayRecording.self, TerminalCommand.self,
            Doctor.self, Sim.self,
        ]
    )

    @MainActor static func main() async {
        do {
            try checkVerbs(Array(CommandLine.arguments.dropFirst()))
            let command = try parseAsRoot()
            if command is any AsyncParsableCommand {
                try await runAsynchronously(command)
            } else {
                // On the main thread, so that a command that blocks signals blocks them for the whole program.
                try run(command)
            }
        } catch {
            exit(withError: error)
        }
    }

    private static func runAsynchronously(_ command: sending any ParsableCommand) async throws {
        guard var command = command as? any AsyncParsableCommand else { return }
        do {
            try await command.run()
        } catch {
            throw reported(error, by: type(of: command))
        }
    }

    private static func run(_ command: any ParsableCommand) throws {
        var command = command
        do {
            try command.run()
        } catch {
            throw reported(error, by: type(of: command))
        }
    }

    /// Tells the person what went wrong.
    ///
    /// - Returns: what the program ends with.
    private static func reported(_ error: any Error, by command: any ParsableCommand.Type) -> any Error {
        switch error {
        case let error as ConfigurationError:
            Console.note("error: \(error)")
            return ExitStatus.badInput.code
        case let error as ControlError:
            Console.note("error: \(error.text)")
            return (error.isUnreachable ? ExitStatus.unreachable : .degraded).code
        case let error as InternalError:
            Console.note("internal error: \(error.text)")
            return ExitStatus.internalError.code
        case let error as ValidationError:
            // What parsing could not see yet; said as the parser says it.
            Console.note("Error: \(error.message)")
            Console.note("Usage: \(usageString(for: command))")
            return ExitStatus.usage.code
        default: return error
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
