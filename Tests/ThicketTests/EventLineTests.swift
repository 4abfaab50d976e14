import ByteCoding
import MeshConfiguration
import RadioPort
import Testing

@testable import thicket

/// Lines into events.
@Suite struct EventLineTests {
    private static let address = Address(value: 0xC000_0000_0007, kind: .random)
    private static let parameters = ConnectionParameters(interval: 8, latency: 2, supervisionTimeout: 300)
    private static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 1),
        accessReceive: AttributeHandle(rawValue: 2),
        accessTransmit: AttributeHandle(rawValue: 3),
        accessConfiguration: AttributeHandle(rawValue: 65535)
    )
    private static let link = LinkID(rawValue: 3)

    @Test(
        arguments: [
            (
                #""event":"ready","address":"c0:00:00:00:00:07","address_type":"random","#
                    + #""capabilities":{"linksAsCentral":1,"linksAsPeripheral":2,"dualRole":false,"advertiseWhileLinked":false,"#
                    + #""linkEncryption":false,"dataLength":false,"extendedAdvertising":true,"mtuMax":247},"#
                    + #""handles":{"meshValue":1,"accessReceive":2,"accessTransmit":3,"accessConfiguration":65535}"#,
                .ready(
                    address: address,
                    capabilities: RadioCapabilities(
                        linksAsCentral: 1,
                        linksAsPeripheral: 2,
                        dualRole: false,
                        advertiseWhileLinked: false,
                        linkEncryption: false,
                        dataLength: false,
                        extendedAdvertising: true,
                        mtuMax: 247
                    ),
                    handles: handles
                )
            ),
            (
                #""event":"capabilitiesChanged","capabilities":{"linksAsCentral":1,"linksAsPeripheral":2,"dualRole":false,"#
                    + #""advertiseWhileLinked":false,"linkEncryption":false,"dataLength":false,"#
                    + #""extendedAdvertising":true,"mtuMax":247}"#,
                .capabilitiesChanged(
                    RadioCapabilities(
                        linksAsCentral: 1,
                        linksAsPeripheral: 2,
                        dualRole: false,
                        advertiseWhileLinked: false,
                        linkEncryption: false,
                        dataLength: false,
                        extendedAdvertising: true,
                        mtuMax: 247
                    )
                )
            ),
            (#""event":"failed","reason":3"#, .failed(HCIStatus(rawValue: 3))),
            (
                #""event":"advertisement","address":"c0:00:00:00:00:07","address_type":"random","rssi_dbm":-60,"#
                    + #""connectable":true,"data":"020106""#,
                .advertisement(address: address, rssi: -60, connectable: true, data: AdvertisingData([2, 1, 6]))
            ),
            (
                #""event":"connected","token":9,"link":3,"role":"central","address":"C0:00:00:00:00:07","#
                    + #""address_type":"public","parameters":{"interval_us":10000,"latency":2,"supervisionTimeout_us":3000000}"#,
                .connected(
                    token: ConnectToken(rawValue: 9),
                    link: link,
                    role: .central,
                    address: Address(value: 0xC000_0000_0007, kind: .public),
                    parameters: parameters
                )
            ),
            (
                #""event":"connectFailed","token":9,"reason":62"#,
                .connectFailed(token: ConnectToken(rawValue: 9), reason: .failedToEstablish)
            ),
            (#""event":"encrypted","link":3,"status":6"#, .encrypted(link: link, status: .keyMissing)),
            (#""event":"keyRequested","link":3"#, .keyRequested(link: link)),
            (#""event":"mtu","link":3,"value":63"#, .mtu(link: link, value: 63)),
            (
                #""event":"discovered","link":3,"service":"meshAccess","handles":null"#,
                .discovered(link: link, service: .meshAccess, handles: nil)
            ),
            (
                #""event":"written","link":3,"handle":14,"bytes":"0a0b","kind":"request""#,
                .written(
                    link: link,
                    handle: AttributeHandle(rawValue: 14),
                    value: AttributeValue([10, 11]),
                    kind: .request
                )
            ),
            (
                #""event":"notified","link":3,"handle":14,"bytes":"""#,
                .notified(link: link, handle: AttributeHandle(rawValue: 14), value: AttributeValue())
            ),
            (#""event":"writeConfirmed","link":3"#, .writeConfirmed(link: link)),
            (#""event":"sent","link":3,"count":2"#, .sent(link: link, count: 2)),
            (
                #""event":"parametersRequested","link":3,"parameters":{"interval_us":10000,"latency":2,"#
                    + #""supervisionTimeout_us":3000000}"#,
                .parametersRequested(link: link, parameters: parameters)
            ),
            (
                #""event":"parametersChanged","link":3"#,
                .parametersChanged(
                    link: link,
                    parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
                )
            ),
            (#""event":"linkRSSI","link":3,"rssi_dbm":-128"#, .linkRSSI(link: link, rssi: -128)),
            (#""event":"disconnected","link":3,"reason":8"#, .disconnected(link: link, reason: .connectionTimeout)),
        ] as [(String, RadioEvent)]
    )
    func everyEventIsRead(text: String, event: RadioEvent) throws {
        let line = try EventLine("{\"at_us\":1200000," + text + ",\"unknown\":[]}")
        #expect(line.at == Instant(microseconds: 1_200_000))
        #expect(line.content == .radio(event))
    }

    @Test func timeCanPass() throws {
        #expect(try EventLine(#"{"event":"wake","at_us":0}"#).content == .wake)
    }

    @Test(arguments: [
        ("", "not JSON: expected a value"),
        ("[]", "expected a group of keys, found a list; allowed: at_us, event"),
        (#"{"event":"wake"}"#, "key 'at_us': missing; allowed: microseconds"),
        (
            #"{"at_us":1.5,"event":"wake"}"#,
            "key 'at_us': expected a whole number, found '1.5'; allowed: 0...9223372036854775807 us"
        ),
        (#"{"at_us":1}"#, "key 'event': missing; allowed: the name of an event"),
        (#"{"at_us":1,"event":"keyRequested"}"#, "key 'link': missing; allowed: 1...4294967295"),
        (#"{"at_us":1,"event":"keyRequested","link":0}"#, "key 'link': out of range: 0; allowed: 1...4294967295"),
        (
            #"{"at_us":1,"event":"written","link":1,"handle":1,"bytes":"0","kind":"command"}"#,
            "key 'bytes': not so many bytes in hexadecimal; allowed: 0...64 bytes of two hexadecimal digits"
        ),
        (
            #"{"at_us":1,"event":"written","link":1,"handle":1,"bytes":"00","kind":"note"}"#,
            "key 'kind': unknown value 'note'; allowed: command, request"
        ),
        (
            #"{"at_us":1,"event":"ready","address":"c0:00","address_type":"random"}"#,
            "key 'address': not an address; allowed: six bytes as c0:00:00:00:00:07"
        ),
        (
            #"{"at_us":1,"event":"linkRSSI","link":1,"rssi_dbm":-129}"#,
            "key 'rssi_dbm': out of range: -129; allowed: -128...127 dBm"
        ),
    ])
    func nonsenseIsNamed(text: String, message: String) {
        do {
            _ = try EventLine(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func unknownEventsAreAnsweredWithTheKnownOnes() {
        do {
            _ = try EventLine(#"{"at_us":1,"event":"explode"}"#)
            Issue.record("accepted")
        } catch {
            #expect(error.message.hasPrefix("key 'event': unknown value 'explode'; allowed: ready, failed, "))
        }
    }
}
