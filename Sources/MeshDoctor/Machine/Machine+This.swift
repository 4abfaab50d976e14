import BluetoothManagement
import BluetoothWire
import CLinux
import Glibc
import LinuxSystem
import MeshControl

// The machine that runs this program.
extension Machine {
    /// It as it is now.
    package static var this: Machine {
        Machine(
            files: MachineFiles(),
            management: askKernel,
            megahertz: megahertz(of:),
            clock: readClock,
            version: version(of:),
            daemon: askDaemon
        )
    }

    private static func askKernel() -> Management {
        let socket: ManagementSocket
        do throws(SystemError) {
            socket = try ManagementSocket(loop: EventLoop())
        } catch {
            return error.code == EAFNOSUPPORT ? .missing : .failed(error.description)
        }
        do throws(ManagementSocket.Failure) {
            var adapters: [UInt16: AdapterInformation] = [:]
            for number in try socket.adapters() { adapters[number] = try? socket.information(number) }
            return .adapters(adapters)
        } catch {
            return .failed(error.text)
        }
    }

    /// Asks by the wireless extensions (`SIOCGIWFREQ`), which take a few bytes where netlink takes a library.
    ///
    /// | offset | size | of `struct iwreq`                                   |
    /// |-------:|-----:|-----------------------------------------------------|
    /// |      0 |   16 | name of the interface                               |
    /// |     16 |    4 | frequency in Hz as mantissa, or number of a channel |
    /// |     20 |    2 | exponent, of ten                                    |
    private static func megahertz(of interface: String) -> Int? {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return nil }
        let descriptor = FileDescriptor(number)
        let name = Array(interface.utf8.prefix(15))
        var request = name + [UInt8](repeating: 0, count: 64 - name.count)
        let outcome = request.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { ioctl(descriptor.rawValue, 0x8B05, $0) }
        }
        guard outcome == 0 else { return nil }
        return request.withUnsafeBytes { bytes in
            WirelessFrequency(
                mantissa: bytes.loadUnaligned(fromByteOffset: 16, as: Int32.self),
                exponent: bytes.loadUnaligned(fromByteOffset: 20, as: Int16.self)
            ).megahertz
        }
    }

    private static func readClock() -> Clock {
        var state = timex()
        // Modes are 0: only read.
        let answer = adjtimex(&state)
        let isSynchronized = answer >= 0 && answer != TIME_ERROR && state.status & STA_UNSYNC == 0
        return Clock(seconds: time(nil), isSynchronized: isSynchronized)
    }

    /// The last word of what a program prints, given two seconds.
    private static func version(of path: String) -> String? {
        guard let stream = popen("timeout 2 '\(path)' --version 2>/dev/null", "re") else { return nil }
        defer { pclose(stream) }
        var buffer = [UInt8](repeating: 0, count: 200)
        let count = fread(&buffer, 1, buffer.count, stream)
        return MachineFiles.clean(buffer[..<count]).split(separator: " ").last.map(String.init)
    }

    private static func askDaemon(_ path: String) -> Daemon {
        // Whether anybody is there, and may be asked.
        do throws(SystemError) {
            _ = try Endpoint.connect(unix: path)
        } catch {
            switch error.code {
            case ENOENT, ECONNREFUSED: return .absent
            case EACCES: return .denied
            default: return .failed(error.reason)
            }
        }
        do throws(ControlError) {
            var client = try ControlClient(path: path)
            try client.send(["request": "status"])
            guard let answer = try client.nextAnswer(before: .now + .seconds(2)) else {
                return .failed("it does not answer")
            }
            return .running(
                DaemonReport(
                    node: answer.text("node"),
                    adapter: answer.text("adapter"),
                    controller: answer.text("controller", otherwise: ""),
                    health: answer.text("health"),
                    reason: answer.text("reason")
                )
            )
        } catch {
            return .failed(error.text)
        }
    }
}

/// A frequency as the wireless extensions tell it.
struct WirelessFrequency: Equatable {
    var mantissa: Int32
    var exponent: Int16

    /// In MHz; nil if it is the number of a channel, or nonsense.
    var megahertz: Int? {
        // Up to 1000 with exponent 0 it is a channel.
        guard mantissa > 1000 || exponent > 0, mantissa > 0, (0...9).contains(exponent) else { return nil }
        let hertz = (0..<exponent).reduce(Int(mantissa)) { value, _ in value * 10 }
        return hertz / 1_000_000
    }
}
