import ByteCoding
import RadioPort
import MeshControl
import Testing

@testable import thicket

/// Commands into lines.
@Suite struct RadioCommandLineTests {
    private static let link = LinkID(rawValue: 3)

    @Test(
        arguments: [
            (
                .advertise(
                    data: AdvertisingData([2, 1, 6]),
                    scanResponse: AdvertisingData(),
                    connectable: true,
                    intervalMicroseconds: 100_000
                ),
                #""advertise","data":"020106","scanResponse":"","connectable":true,"interval_us":100000"#
            ),
            (.stopAdvertising, #""stopAdvertising""#),
            (
                .scan(ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 7_500)),
                #""scan","interval_us":75000,"window_us":7500"#
            ),
            (.stopScan, #""stopScan""#),
            (
                .connect(
                    token: ConnectToken(rawValue: 2),
                    address: Address(value: 0xC000_0000_0007, kind: .random),
                    parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100),
                    scan: ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500),
                    timeoutMicroseconds: 2_000_000
                ),
                #""connect","token":2,"address":"c0:00:00:00:00:07","address_type":"random","#
                    + #""parameters":{"interval_us":15000,"latency":0,"supervisionTimeout_us":1000000},"#
                    + #""scanInterval_us":75000,"scanWindow_us":37500,"timeout_us":2000000"#
            ),
            (.cancelConnect, #""cancelConnect""#),
            (
                .encrypt(link: link, key: Key128(repeating: 0x22)),
                #""encrypt","link":3,"key":"22222222222222222222222222222222""#
            ),
            (.answerKey(link: link, key: nil), #""answerKey","link":3,"key":null"#),
            (.exchangeMTU(link: link, mtu: 63), #""exchangeMTU","link":3,"mtu":63"#),
            (.setDataLength(link: link), #""setDataLength","link":3"#),
            (.discover(link: link, service: .meshAccess), #""discover","link":3,"service":"meshAccess""#),
            (
                .write(link: link, handle: AttributeHandle(rawValue: 14), value: AttributeValue([1]), kind: .command),
                #""write","link":3,"handle":14,"bytes":"01","kind":"command""#
            ),
            (
                .notify(link: link, handle: AttributeHandle(rawValue: 19), value: AttributeValue([1, 255])),
                #""notify","link":3,"handle":19,"bytes":"01ff""#
            ),
            (
                .updateParameters(
                    link: link,
                    parameters: ConnectionParameters(interval: 72, latency: 0, supervisionTimeout: 100)
                ),
                #""updateParameters","link":3,"#
                    + #""parameters":{"interval_us":90000,"latency":0,"supervisionTimeout_us":1000000}"#
            ),
            (.disconnect(link: link, reason: .remoteUserTerminated), #""disconnect","link":3,"reason":19"#),
        ] as [(RadioCommand, String)]
    )
    func everyCommandIsWritten(command: RadioCommand, text: String) {
        #expect(command.line(at: Instant(microseconds: 5)).line == "{\"at_us\":5,\"command\":" + text + "}")
    }
}
