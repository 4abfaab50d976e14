import ByteCoding
import MeshWire
import RadioPort

// What is on air (protocol §2.3, §2.4, §10.10): JOIN_ME and the MeshAccess broadcast take turns.
extension Node {
    /// Something that JOIN_ME tells has changed.
    mutating func markJoinMeStale() {
        joinMeIsStale = true
        needsSettling = true
    }

    /// The advertising slot is over: another job may have the air.
    mutating func rotateAdvertising(now: Instant) {
        advertiser.rotate(random: &random)
        advertisingIsStale = true
        if advertiser.rotates || advertiser.isFast {
            set(.advertising, in: configuration.timing.advertisingSlot, now: now)
        }
    }

    /// A link was lost: call loudly for a while, so that its central finds back.
    mutating func startFastAdvertising(now: Instant) {
        advertiser.startFast(slots: configuration.timing.fastAdvertisingSlots)
        advertisingIsStale = true
        set(.advertising, in: configuration.timing.advertisingSlot, now: now)
        needsSettling = true
    }

    mutating func advertiseIfChanged(into outputs: inout Outputs) {
        guard radio != nil else { return }
        advertiser.joinMeEnabled = meshes && (identity.deviceType != .leaf || freeIn > 0)
        if let command = advertiser.command(for: advertisement()) {
            outputs.append(.radio(command))
        }
    }

    private mutating func advertisement() -> Advertiser.OnAir? {
        let timing = configuration.timing
        var interval: UInt32
        let data: AdvertisingData
        var scanResponse = AdvertisingData()
        switch advertiser.job {
        case nil:
            return nil
        case .joinMe:
            guard discovery != .off, let beacon = advertiser.beacon else { return nil }
            data = beacon
        case .access:
            if advertiser.name == nil {
                advertiser.name = try? ShortenedLocalName(SerialNumber(identity.serialNumberIndex)).encoded()
            }
            guard let broadcast: AdvertisingData = try? accessBroadcast().encoded(), let name = advertiser.name
            else { return nil }
            data = broadcast
            scanResponse = name
        }
        if advertiser.isFast {
            interval = timing.advertisingFast
        } else {
            // The smallest interval of all jobs holds for the one on air.
            interval = discovery == .high ? timing.advertisingHigh : timing.advertisingLow
            if advertiser.rotates {
                interval = min(interval, timing.advertisingAccess)
            }
        }
        let incoming = radioLinks.count { $0.role == .peripheral }
        let connectable = radioAllows(.peripheral) && incoming < min(Limits.incomingLinks, radioLimit(.peripheral))
        if !connectable {
            interval = max(interval, timing.advertisingNonConnectable)
        }
        return Advertiser.OnAir(
            data: data,
            scanResponse: scanResponse,
            connectable: connectable,
            interval: interval
        )
    }

    @inline(__always)
    private func accessBroadcast() -> MeshAccessBroadcast {
        MeshAccessBroadcast(
            network: identity.network,
            isEnrolled: identity.network != .notEnrolled,
            isSink: identity.deviceType == .sink,
            isZeroKeyConnectable: acceptsZeroKey,
            hasFreeInConnection: freeIn > 0,
            serialNumber: SerialNumber(identity.serialNumberIndex),
            tail: MeshAccessBroadcast.Tail(deviceType: identity.deviceType)
        )
    }
}
