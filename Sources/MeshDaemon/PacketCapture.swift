import Glibc
import LinuxSystem
import MeshCapture
import MeshConfiguration
import MeshControl
import MeshWire

/// The capture of packets between host and controller, which goes on and off at run time.
final class PacketCapture {
    private let settings: DaemonSettings.Capture
    private let folder: String
    private let name: String
    private var ring: CaptureRing?
    private var packets: UInt64 = 0

    init(_ file: NodeConfigurationFile) {
        settings = file.daemon.capture ?? DaemonSettings.Capture()
        folder = settings.folder ?? file.daemon.stateFolder
        name = "node-\(file.node.rawValue)"
    }

    /// Begins a file; those that are there move on.
    ///
    /// - Throws: ``SystemError`` if the file cannot be created.
    func begin() throws(SystemError) {
        ring = try CaptureRing(
            .init(
                folder: folder,
                name: name,
                files: settings.files,
                fileBytes: settings.fileBytes,
                includesKeys: settings.includesKeys
            )
        )
        packets = 0
    }

    /// Stores a packet, H4 with the type byte first, if packets are captured.
    func store(_ packet: [UInt8], sent: Bool) {
        guard let ring else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        ring.store(packet, sent: sent, microseconds: UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000)
        packets += 1
    }

    /// Carries out an order of the control socket.
    ///
    /// - Returns: how it is then.
    /// - Throws: ``ControlError`` if the file cannot be created.
    func carryOut(_ order: CaptureOrder) throws(ControlError) -> JSONObject {
        switch order {
        case .status: break
        case .off: ring = nil
        case .on where ring == nil:
            do throws(SystemError) {
                try begin()
            } catch {
                throw ControlError("cannot capture in \(folder): \(error); create the folder or set 'capture.folder'")
            }
        case .on: break
        }
        var object = JSONObject(kind: "capture")
        object.append("state", text: ring == nil ? "off" : "capturing")
        object.append("path", text: "\(folder)/\(name).btsnoop")
        object.append("packets", .unsigned(packets))
        object.append("includes_keys", .bool(settings.includesKeys))
        return object
    }
}
