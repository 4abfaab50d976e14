import RadioPort
import TestSupport
import Testing

/// Where controllers are, as people write it.
@Suite struct HCIEndpointTests {
    @Test(
        arguments: [
            ("hci0", .adapter(0)),
            ("hci65534", .adapter(65_534)),
            ("h4:unix:/run/controller", .unix(path: "/run/controller")),
            ("h4:unix:a:b", .unix(path: "a:b")),
            ("h4:tcp:localhost:1", .tcp(host: "localhost", port: 1)),
            ("h4:tcp:192.168.0.7:65535", .tcp(host: "192.168.0.7", port: 65_535)),
            ("h4:tcp:[::1]:6402", .tcp(host: "::1", port: 6402)),
            ("h4:pty:/dev/pts/3", .pty(path: "/dev/pts/3")),
        ] as [(String, HCIEndpoint)]
    )
    func textsAreReadAndWritten(text: String, endpoint: HCIEndpoint) {
        #expect(HCIEndpoint(text) == endpoint)
        #expect(endpoint.description == text)
    }

    @Test func bracketsAreOnlyForColons() {
        #expect(HCIEndpoint("h4:tcp:[host]:1")?.description == "h4:tcp:host:1")
        #expect(HCIEndpoint("h4:tcp:::1:6402") == .tcp(host: "::1", port: 6402))
    }

    @Test(arguments: [
        "", "hci", "hci-1", "hci65535", "hci65536", "hci0 ", "hci 0", "HCI0", "hcix", "dbus", "h4", "h4:", "h4:unix",
        "h4:unix:", "h4:pty:", "h4:tcp:", "h4:tcp:host", "h4:tcp::6402", "h4:tcp:host:", "h4:tcp:host:0",
        "h4:tcp:host:65536", "h4:tcp:host:http", "h4:tcp:host:-1", "h4:usb:1", "h5:unix:/a", "unix:/a", "/dev/ttyS0",
    ])
    func othersAreRefused(text: String) {
        #expect(HCIEndpoint(text) == nil)
    }

    @Test func everyAdapterRoundTrips() {
        for number in 0...UInt16.max {
            let text = "hci\(number)"
            #expect(HCIEndpoint(text) == (number < 0xFFFF ? .adapter(number) : nil))
        }
    }

    @Test func whatIsReadIsWrittenSoThatItIsReadAgain() {
        var random = SplitMix.announced("HCIEndpointTests.whatIsReadIsWrittenSoThatItIsReadAgain")
        let pieces = ["h4", "hci", ":", ":", "unix", "tcp", "pty", "[", "]", "/", "0", "7", "a", "é"]
        var read = 0
        for _ in 0..<20_000 {
            let prefix = ["h4:tcp:", "h4:unix:", "h4:pty:", "hci", ""][random.below(5)]
            let text = prefix + (0..<random.below(7)).map { _ in pieces[random.below(pieces.count)] }.joined()
            guard let endpoint = HCIEndpoint(text) else { continue }
            read += 1
            #expect(HCIEndpoint(endpoint.description) == endpoint, "'\(text)', seed \(random.seed)")
        }
        #expect(read > 1000)
    }
}
