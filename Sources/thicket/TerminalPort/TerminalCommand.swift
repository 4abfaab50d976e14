import ArgumentParser
import Glibc
import LinuxSystem
import MeshControl
import MeshTerminal

/// The serial line of a node of other firmware, for programs that know only that.
struct TerminalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminal",
        abstract: "Speak the terminal language of existing nodes, so that their gateway software works here.",
        discussion: """
            Commands come in line by line, at most 300 bytes each, ended by CR or LF; each is acknowledged by a JSON line, and \
            what happens at the node is printed as JSON lines, ended by CR LF. After 'enable_corruption_check', or a command \
            with a checksum, lines carry ' CRC: ' and a CRC-32 both ways.

            Without --tcp and --pty it serves standard input and output, and ends --wait seconds behind the end of the input. \
            With them it serves up to \(TerminalPort.clientsMax) clients at a time, until Ctrl-C: all are told what happens, \
            each is acknowledged its own commands and has a mode and checksums of its own. A pseudo terminal is one client, \
            whoever opens it. A client that does not read loses whole lines and is told how many.

            Whoever can connect may do what you may: a TCP port is open to every user of this machine, a pseudo terminal to you.

            Examples:
              echo 'action 0 node ping 1' | thicket terminal
              thicket terminal --pty
              thicket terminal --node 3 --tcp 4000
            """
    )

    @OptionGroup var live: LiveOptions

    @Option(help: ArgumentHelp("Serve a TCP port of this machine, 0 for any that is free.", valueName: "PORT"))
    var tcp: UInt16?

    @Flag(help: "Serve a pseudo terminal and print its path.")
    var pty = false

    @Flag(help: "Begin as for people: a prompt, and no line for a command that succeeds. 'stopterm' ends that.")
    var prompt = false

    @Option(help: ArgumentHelp("How long to wait for answers when no more is typed.", valueName: "SECONDS"))
    var wait = 2.0

    func validate() throws {
        guard (0...3600).contains(wait) else { throw ValidationError("--wait is 0...3600 seconds") }
    }

    func run() throws {
        let loop = try EventLoop()
        try loop.watchSignals([SIGINT, SIGTERM]) { _ in loop.stop() }
        let port = try TerminalPort(
            path: live.path,
            mode: prompt ? .prompt : .json,
            lingering: .seconds(wait),
            loop: loop
        )
        if tcp == nil, !pty {
            try port.serveStandardInput()
        } else {
            try announce(port)
        }
        try withExtendedLifetime(port) { try loop.run() }
        if let failure = port.failure { throw failure }
    }

    private func announce(_ port: TerminalPort) throws {
        let path = pty ? try port.servePseudoTerminal() : nil
        let number = try tcp.map { try port.serve(port: $0) }
        if live.json {
            var object = JSONObject(kind: "terminal")
            object.append("tcp", .optional(number) { .unsigned(UInt64($0)) })
            object.append("pty", .optional(path) { .text($0) })
            return Console.line(object.line)
        }
        if let number { Console.line("localhost:\(number)") }
        if let path { Console.line(path) }
    }
}
