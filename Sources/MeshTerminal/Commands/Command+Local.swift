import MeshWire

extension Command {
    private static let resetDeciseconds: UInt16 = 1

    /// Commands that the own node carries out (protocol §11.5).
    func local(_ name: String, _ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "status": return [.printStatus]
        case "bufferstat": return [.printJoinMeBuffer]
        case "get_plugged_in": return [.printPluggedIn]
        case "reset": return [.reset(afterDeciseconds: Self.resetDeciseconds)]
        case "settime":
            try arguments.expect(atLeast: 2)
            return [.setTime(unix: try arguments.number(), offsetMinutes: try arguments.number())]
        case "gettime": return [.printTime]
        case "disconnect":
            let word = try arguments.word()
            return [word == "all" ? .disconnectAll : .disconnect(handle: try Arguments.number(word))]
        case "gap_disconnect": return [.disconnectRadio(handle: try arguments.number())]
        case "stop": return [.discovery(isEnabled: false)]
        case "start": return [.discovery(isEnabled: true)]
        case "maconn":
            let address = try arguments.address()
            return [
                .connectMeshAccess(address, key: FmKeyID(rawValue: try arguments.number(or: FmKeyID.network.rawValue)))
            ]
        case "malog": return [.logMeshAccess(serialNumberPart: arguments.optionalWord())]
        case "scanboost": return [.scanBoost(seconds: arguments.isEmpty ? nil : try arguments.number())]
        case "advjobs": return [.printAdvertisingJobs]
        case "scanjobs": return [.printScanJobs]
        case "scanlog": return [.toggleScanLog]
        case "debug":
            let tag = try arguments.word()
            return [.log(tag == "all" ? .all : tag == "none" ? .none : .toggle(tag: tag))]
        default: throw .commandNotFound
        }
    }
}
