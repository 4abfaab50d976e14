import ByteCoding
import MeshCore
import MeshWire
import Testing

@Suite struct AccessAuthorizationTests {
    private static let keys: [FmKeyID] = [
        .zero, .node, .network, .baseUser, .organization, .restrained, FmKeyID(rawValue: 10), FmKeyID(rawValue: 7),
    ]

    private func rating(
        _ hex: String,
        _ keyID: FmKeyID,
        _ direction: AccessAuthorization.Direction = .incoming,
        isEnrolled: Bool = true,
        knowsTime: Bool = false
    ) throws -> AccessRating {
        let message = MessageBytes(try #require(Hex.decode(hex.filter { $0 != " " })))
        return AccessAuthorization(
            direction: direction,
            keyID: keyID,
            isEnrolled: isEnrolled,
            knowsTime: knowsTime
        ).rating(of: message)
    }

    /// A module message that no rule names: only the key speaks.
    @Test(
        arguments: zip(
            keys,
            [
                AccessRating.undetermined, .localOnly, .whitelist, .blacklist, .undetermined, .undetermined,
                .undetermined,
                .blacklist,
            ]
        )
    )
    func theKeyAloneRatesIncomingMessages(keyID: FmKeyID, expected: AccessRating) throws {
        #expect(try rating("33 0100 0200 00 00 03", keyID) == expected)
    }

    @Test(
        arguments: zip(
            keys,
            [
                AccessRating.undetermined, .localOnly, .whitelist, .blacklist, .whitelist, .undetermined, .undetermined,
                .blacklist,
            ]
        )
    )
    func theKeyAloneRatesOutgoingMessages(keyID: FmKeyID, expected: AccessRating) throws {
        #expect(try rating("33 0100 0200 00 00 03", keyID, .outgoing) == expected)
    }

    @Test(arguments: keys)
    func handshakeAndRecoveryPassWithAnyKey(keyID: FmKeyID) throws {
        for type in ["19", "1a", "1b", "1c"] {
            #expect(try rating(type + "0100 0200 00 00 03", keyID) == .whitelist)
        }
        #expect(try rating("3d 0100 0200 deaddada00ff7733", keyID) == .localOnly)
    }

    @Test func rawDataFollowsTheKey() throws {
        for type in ["36", "37"] {
            #expect(try rating(type + "0100 0200 00 00 03", .network) == .whitelist)
            #expect(try rating(type + "0100 0200 00 00 03", .node) == .localOnly)
            #expect(try rating(type + "0100 0200 00 00 03", .organization) == .undetermined)
        }
    }

    @Test func aKnownTimeIsChangedWithTheNetworkKeyOnly() throws {
        for type in ["1e", "3c"] {
            for keyID in [FmKeyID.organization, .restrained, FmKeyID(rawValue: 10)] {
                #expect(try rating(type + "0100 0200 00", keyID, knowsTime: false) == .whitelist)
                #expect(try rating(type + "0100 0200 00", keyID, knowsTime: true) == .blacklist)
            }
            #expect(try rating(type + "0100 0200 00", .network, knowsTime: true) == .whitelist)
            #expect(try rating(type + "0100 0200 00", .node, knowsTime: false) == .localOnly)
        }
    }

    @Test func statusActionsOpenToTheOrganization() throws {
        let open: Set<UInt8> = [1, 5, 6, 8, 9, 10, 13, 14]
        for action in UInt8.min...UInt8.max {
            let expected: AccessRating = open.contains(action) ? .whitelist : .undetermined
            for type in ["33", "34"] {
                let message = type + "0100 0200 03 00" + Hex.encode([action])
                #expect(try rating(message, .organization) == expected)
                #expect(try rating(message, .restrained) == .undetermined)
            }
        }
    }

    @Test func componentMessagesOfTheStatusReporterPassWithAnyUsableKey() throws {
        for keyID in [FmKeyID.zero, .organization, .restrained, FmKeyID(rawValue: 99)] {
            #expect(try rating("3a 0100 0200 03 00 01 0000 0000", keyID) == .whitelist)
            #expect(try rating("3b 0100 0200 03 00 01 0000 0000", keyID) == .whitelist)
        }
        #expect(try rating("3a 0100 0200 04 00 01 0000 0000", .restrained) == .undetermined)
        #expect(try rating("3b 0100 0200 04 00 01 0000 0000", .organization) == .whitelist)
        #expect(try rating("21 0100 0200 00", .organization) == .whitelist)
        // A vendor module whose id happens to hold a 3 is another module.
        #expect(try rating("3a 0100 0200 f0034d02 00 01 0000 0000", .restrained) == .undetermined)
    }

    @Test func ledsAndBeaconsOpenToTheOrganization() throws {
        #expect(try rating("33 0100 0200 06 00 03 01", .organization) == .whitelist)
        #expect(try rating("33 0100 0200 06 00 04 01", .organization) == .whitelist)
        #expect(try rating("33 0100 0200 06 00 00 01", .organization) == .undetermined)
        #expect(try rating("33 0100 0200 01 00 02 01", .organization) == .whitelist)
        #expect(try rating("33 0100 0200 01 00 03 01", .organization) == .undetermined)
    }

    @Test func enrolmentStaysWithTheNodeThatIsAsked() throws {
        #expect(try rating("34 0100 0200 05 00 00", .network) == .localOnly)
        #expect(try rating("33 0100 0200 05 00 00", .restrained, .outgoing) == .whitelist)
        #expect(try rating("33 0100 0200 05 00 00", .zero, isEnrolled: false) == .localOnly)
        #expect(try rating("33 0100 0200 05 00 00", .zero, isEnrolled: true) == .undetermined)
        #expect(try rating("33 0100 0200 05 00 00", .network, isEnrolled: true) == .whitelist)
    }

    @Test func aSerialConnectWithoutKeyIsNeverPassedOn() throws {
        let head = "33 0100 0200 0a 00 02 00000000 02000000"
        let tail = "6882 00000000 00000000000000 00"
        let unset = String(repeating: "ff", count: 16)
        let key = String(repeating: "ff", count: 15) + "fe"
        #expect(try rating(head + unset + tail, .network) == .blacklist)
        #expect(try rating(head + key + tail, .network) == .whitelist)
        #expect(try rating(head + String(repeating: "ff", count: 15), .network) == .whitelist)
    }

    @Test func tooShortIsUndetermined() throws {
        #expect(try rating("33 0100 02", .network) == .undetermined)
        #expect(try rating("", .baseUser) == .undetermined)
    }

    @Test func onlyTheMiddleRatingsPass() {
        #expect(!AccessRating.undetermined.isAllowed)
        #expect(AccessRating.whitelist.isAllowed)
        #expect(AccessRating.localOnly.isAllowed)
        #expect(!AccessRating.blacklist.isAllowed)
    }
}
