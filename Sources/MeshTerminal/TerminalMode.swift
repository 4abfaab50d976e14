/// How a terminal tells results (protocol §11.1).
public enum TerminalMode: Hashable, Sendable {
    /// For programs: each command is acknowledged by a JSON line. Sinks start in this mode.
    case json
    /// For people: only failures are told, as plain text.
    case prompt
}

/// Which commands a terminal accepts.
public enum TerminalCommandSet: Hashable, Sendable {
    /// What public development builds of existing nodes accept: `set_time_reporting` and `set_gw_status` lack arguments
    /// whatever is typed, `update_iv` fails.
    case development
    /// Every command.
    case full
}
