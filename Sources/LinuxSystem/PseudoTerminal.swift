import CLinux
import Glibc

/// A terminal device that this program answers for, as if a serial line ended there.
///
/// The end that others open exists as long as this object: a program may open and close it as often as it likes.
public final class PseudoTerminal {
    /// This program's end: what others write is read here, what is written here others read.
    public let descriptor: FileDescriptor
    /// The end that others open.
    public let path: String
    /// Held open, so that nobody reading there is not an error here.
    private let far: FileDescriptor

    /// Opens a new one, a raw byte stream without echo.
    ///
    /// - Throws: ``SystemError`` if the system has none left.
    public init() throws(SystemError) {
        let number = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open /dev/ptmx") }
        let descriptor = FileDescriptor(number)
        var isLocked: Int32 = 0
        var index: UInt32 = 0
        guard ioctl(number, clinux_pty_lock, &isLocked) == 0, ioctl(number, clinux_pty_number, &index) == 0 else {
            throw SystemError("unlock a pseudo terminal")
        }
        let path = "/dev/pts/\(index)"
        far = try Endpoint.open(terminal: path)
        self.path = path
        self.descriptor = descriptor
    }
}
