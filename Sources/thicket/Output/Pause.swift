import Glibc

/// Time that a command lets pass.
enum Pause {
    static func seconds(_ seconds: UInt32) { sleep(seconds) }
}
