public import Glibc

/// A system call that failed.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried.
    public var operation: String
    /// The error number.
    public var code: Int32

    /// The error that the C library reports at this moment, or a given one.
    public init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    /// The error number in words.
    public var reason: String { String(cString: strerror(code)) }

    /// Operation and reason in one line.
    public var description: String { "\(operation): \(reason)" }
}
