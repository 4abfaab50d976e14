import ByteCoding
package import MeshCore
import MeshWire
import RadioPort

extension TraceEvent {
    /// The event as keys and values behind `trace`, its name.
    package var fields: JSONObject {
        let (name, fields) = nameAndFields
        var object: JSONObject = ["trace": .text(name)]
        object.append(contentsOf: fields)
        return object
    }

    /// The event's name, and what it tells as keys and values.
    package var nameAndFields: (name: String, fields: JSONObject) {
        switch self {
        case .started(let cause): Self.named("started", ["reason": Self.number(cause)])
        case .discovery(let from, let to):
            Self.named("discovery", ["from": .text("\(from)"), "to": .text("\(to)")])
        case .candidate(let judgement): Self.named("candidate", Self.fields(of: judgement))
        case .bystander(let bystander):
            Self.named(
                "bystander",
                [
                    "node": Self.number(bystander.node), "network": Self.number(bystander.network),
                    "cluster": Self.number(bystander.cluster), "cluster_size": .integer(Int64(bystander.clusterSize)),
                    "rssi_dbm": .integer(Int64(bystander.rssi)), "why": .text("\(bystander.rule)"),
                ]
            )
        case .decision(let result, let partner, let score):
            Self.named(
                "decision",
                [
                    "result": .text("\(result)"), "partner": .optional(partner, Self.number),
                    "score": .unsigned(UInt64(score)),
                ]
            )
        case .connectRefused(let node, let refusal):
            Self.named("connectRefused", ["node": Self.number(node), "why": .text("\(refusal)")])
        case .connecting(let node, let address, let attempt):
            Self.named(
                "connecting",
                [
                    "node": Self.number(node), "address": .text(address.description),
                    "attempt": .unsigned(UInt64(attempt)),
                ]
            )
        case .connectFailed(let node, let status):
            Self.named("connectFailed", ["node": Self.number(node), "reason": Self.number(status)])
        case .linkUp(let link, let role, let address):
            Self.named(
                "linkUp",
                [
                    "link": Self.number(link), "role": .text(RoleName(role).rawValue),
                    "address": .text(address.description),
                ]
            )
        case .identified(let link, let node):
            Self.named("identified", ["link": Self.number(link), "node": Self.number(node)])
        case .linkRefused(let link, let refusal):
            Self.named("linkRefused", ["link": Self.number(link), "why": .text("\(refusal)")])
        case .linkDown(let link, let address, let status):
            Self.named(
                "linkDown",
                ["link": Self.number(link), "address": .text(address.description), "reason": Self.number(status)]
            )
        case .encryptionFailed(let link, let status):
            Self.named("encryptionFailed", ["link": Self.number(link), "status": Self.number(status)])
        case .linkProtected(let link, let partner):
            Self.named("linkProtected", ["link": Self.number(link), "partner": Self.number(partner)])
        case .handshakeStarted(let link, let cluster, let clusterSize):
            Self.named(
                "handshakeStarted",
                [
                    "link": Self.number(link), "cluster": Self.number(cluster),
                    "cluster_size": .integer(Int64(clusterSize)),
                ]
            )
        case .welcomed(let partner, let cluster, let clusterSize, let ownCluster, let ownSize):
            Self.named(
                "welcomed",
                [
                    "by": Self.number(partner), "cluster": Self.number(cluster),
                    "cluster_size": .integer(Int64(clusterSize)), "own_cluster": Self.number(ownCluster),
                    "own_size": .integer(Int64(ownSize)),
                ]
            )
        case .handshakeRefused(let partner, let failure):
            Self.named("handshakeRefused", ["partner": Self.number(partner), "why": .text("\(failure)")])
        case .handshakeDone(let partner, let winner, let cluster, let clusterSize):
            Self.named(
                "handshakeDone",
                [
                    "partner": Self.number(partner), "winner": .bool(winner), "cluster": Self.number(cluster),
                    "cluster_size": .integer(Int64(clusterSize)),
                ]
            )
        case .connectionRemoved(let partner, let reason, let wasHandshaked, let heldMasterBit):
            Self.named(
                "connectionRemoved",
                [
                    "partner": Self.number(partner), "why": .text("\(reason)"), "was_handshaked": .bool(wasHandshaked),
                    "held_master_bit": .bool(heldMasterBit),
                ]
            )
        case .dissolved(let cause): Self.named("dissolved", ["why": .text("\(cause)")])
        case .newCluster(let cluster): Self.named("newCluster", ["cluster": Self.number(cluster)])
        case .clusterSize(let size, let change, let partner):
            Self.named(
                "clusterSize",
                ["cluster_size": .integer(Int64(size)), "change": .integer(Int64(change)), "by": Self.number(partner)]
            )
        case .masterBit(let partner, let held):
            Self.named("masterBit", ["partner": Self.number(partner), "held": .bool(held)])
        case .counterMismatch(let partner): Self.named("counterMismatch", ["partner": Self.number(partner)])
        case .reestablishing(let partner, let status):
            Self.named("reestablishing", ["partner": Self.number(partner), "reason": Self.number(status)])
        case .reestablishmentSkipped(let partner, let rules):
            Self.named("reestablishmentSkipped", ["partner": Self.number(partner), "rules": .unsigned(UInt64(rules))])
        case .reestablished(let partner): Self.named("reestablished", ["partner": Self.number(partner)])
        case .splitDropped(let link): Self.named("splitDropped", ["link": Self.number(link)])
        case .malformed(let link, let type):
            Self.named("malformed", ["link": Self.number(link), "type": Self.number(type)])
        case .unknownType(let type, let sender):
            Self.named("unknownType", ["type": Self.number(type), "sender": Self.number(sender)])
        case .queueFull(let partner, let type):
            Self.named("queueFull", ["partner": Self.number(partner), "type": Self.number(type)])
        case .unexpected(let link, let type):
            Self.named("unexpected", ["link": Self.number(link), "type": Self.number(type)])
        case .emergency(let node): Self.named("emergency", ["node": Self.number(node)])
        case .emergencyAnswered(let code): Self.named("emergencyAnswered", ["code": .unsigned(UInt64(code))])
        case .emergencyDecided(let node, let code):
            Self.named("emergencyDecided", ["by": Self.number(node), "code": .unsigned(UInt64(code))])
        case .accessEstablished(let link, let partner, let virtual, let key, let tunnel):
            Self.named(
                "accessEstablished",
                [
                    "link": Self.number(link), "partner": Self.number(partner), "virtual": Self.number(virtual),
                    "key": Self.number(key), "tunnel": Self.number(tunnel),
                ]
            )
        case .accessBroken(let link): Self.named("accessBroken", ["link": Self.number(link)])
        case .accessDropped(let link, let type, let rating):
            Self.named(
                "accessDropped",
                ["link": Self.number(link), "type": Self.number(type), "rating": .text("\(rating)")]
            )
        case .noEntropy(let link): Self.named("noEntropy", ["link": Self.number(link)])
        case .grafted(let parent, let partner, let ownKey, let partnerKey, let nodes):
            Self.named(
                "graft",
                [
                    "parent": Self.number(parent), "partner": Self.number(partner),
                    "rank": .unsigned(UInt64(ownKey.rank)), "cluster": Self.number(ownKey.cluster),
                    "partner_rank": .unsigned(UInt64(partnerKey.rank)),
                    "partner_cluster": Self.number(partnerKey.cluster), "nodes": .integer(Int64(nodes)),
                ]
            )
        case .split(let partner, let key, let clusterSize):
            Self.named(
                "split",
                [
                    "lost": Self.number(partner), "rank": .unsigned(UInt64(key.rank)),
                    "cluster": Self.number(key.cluster), "cluster_size": .integer(Int64(clusterSize)),
                ]
            )
        case .role(let sender, let receiver, let wasAsked):
            Self.named(
                "role",
                [
                    "from": Self.number(sender), "to": Self.number(receiver),
                    "why": .text(wasAsked ? "asked" : "drift"),
                ]
            )
        case .engagementEnded(let partner, let reason):
            Self.named("engage", ["partner": Self.number(partner), "outcome": .text("\(reason)")])
        case .leftAlone(let node, let microseconds):
            Self.named("leftAlone", ["node": Self.number(node), "pause_s": .seconds(microseconds)])
        case .called(let partner): Self.named("called", ["for": Self.number(partner)])
        case .knocked(let partner): Self.named("knocked", ["at": Self.number(partner)])
        case .roomRefused(let partner, let refusal):
            Self.named("roomRefused", ["for": Self.number(partner), "why": .text("\(refusal)")])
        case .roleAsked(let parent): Self.named("roleAsked", ["of": Self.number(parent)])
        case .roleWithdrawn(let parent): Self.named("roleWithdrawn", ["of": Self.number(parent)])
        case .roomMade(let child, let partner):
            Self.named("room", ["child": Self.number(child), "for": Self.number(partner)])
        case .otherMode(let node, let own):
            Self.named("otherMode", ["node": Self.number(node), "own": .text(own.rawValue)])
        case .clusteringPlanned(let mode, let time):
            Self.named("clusteringPlanned", ["mode": .text(mode.rawValue), "at": .unsigned(UInt64(time))])
        case .clusteringKept(let mode, let wasWithdrawn):
            Self.named(
                "clusteringKept",
                ["mode": .text(mode.rawValue), "why": .text(wasWithdrawn ? "withdrawn" : "time passed")]
            )
        case .clusteringChanged(let mode): Self.named("clusteringChanged", ["mode": .text(mode.rawValue)])
        case .enrolment(let code, let node, let network):
            Self.named(
                "enrolment",
                ["code": Self.number(code), "node": Self.number(node), "network": Self.number(network)]
            )
        case .enrolling(let serial): Self.named("enrolling", ["serial": .text(serial.text)])
        case .enrollingEnded(let serial, let outcome):
            Self.named(
                "enrollingEnded",
                [
                    "serial": .text(serial.text), "result": .text(outcome.name),
                    "code": .optional(outcome.code, Self.number),
                ]
            )
        case .hopsToSink(let hops): Self.named("hopsToSink", ["hops": .integer(Int64(hops))])
        }
    }

    private static func named(_ name: String, _ fields: JSONObject) -> (name: String, fields: JSONObject) {
        (name, fields)
    }

    /// An identifier, as its number.
    private static func number<Identifier: RawRepresentable>(_ identifier: Identifier) -> JSONValue
    where Identifier.RawValue: FixedWidthInteger & UnsignedInteger {
        .unsigned(UInt64(identifier.rawValue))
    }

    private static func fields(of judgement: Judgement) -> JSONObject {
        var fields: JSONObject = [
            "node": number(judgement.node), "cluster": number(judgement.cluster),
            "cluster_size": .integer(Int64(judgement.clusterSize)), "rssi_dbm": .integer(Int64(judgement.rssi)),
            "age_s": .number(Double(judgement.age) / 10),
        ]
        switch judgement.verdict {
        case .scores(let central, let peripheral):
            fields.append("central", outcome(central))
            fields.append("peripheral", outcome(peripheral))
        case .graft(let verdict):
            fields.append("rank", .optional(judgement.rank) { .unsigned(UInt64($0)) })
            fields.append("verdict", text: "\(verdict)")
        }
        return fields
    }

    private static func outcome(_ outcome: ScoreOutcome) -> JSONValue {
        switch outcome {
        case .score(let score): .unsigned(UInt64(score))
        case .refused(let refusal): .text("\(refusal)")
        }
    }
}

extension ErrandOutcome {
    /// How it is called.
    fileprivate var name: String {
        switch self {
        case .answered: "answered"
        case .settledElsewhere: "settled elsewhere"
        case .notFound: "not found"
        case .unanswered: "unanswered"
        }
    }

    /// What the device answered.
    fileprivate var code: EnrollmentCode? {
        guard case .answered(let code) = self else { return nil }
        return code
    }
}
