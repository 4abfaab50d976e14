import BluetoothWire
import ByteCoding
import MeshControl
import TestSupport
import Testing

@testable import MeshDoctor

/// Machines made up of files, and what is found on them.
@Suite struct ExaminationTests {
    /// A laptop with nothing in the way.
    private static func laptop() throws -> MadeUpMachine {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, "8087:0026", MadeUpMachine.information(version: 11))
        try machine.write("/lib/firmware/intel/ibt-20-1-3.sfi.zst", "")
        return machine
    }

    private static func pi(_ model: String = "Raspberry Pi 4 Model B Rev 1.4") throws -> MadeUpMachine {
        let machine = try MadeUpMachine()
        try machine.write("/proc/device-tree/model", "\(model)\0")
        try machine.write("/lib/firmware/brcm/BCM4345C0.hcd", "")
        try machine.solderOn(MadeUpMachine.information(manufacturer: 305))
        return machine
    }

    // MARK: - Whole machines

    @Test func aLaptopIsGood() throws {
        let machine = try Self.laptop()
        try machine.startBluetoothd()
        let findings = machine.findings()
        #expect(
            findings == [
                .ok("kernel", "6.1.0-21-amd64 with Bluetooth"),
                .ok("adapter", on: "hci0", "b8:a6:dc:03:02:01, Bluetooth 5.2, Intel, on"),
                .ok("driver", on: "hci0", "btusb on USB, 8087:0026"),
                .ok("firmware", on: "hci0", "/lib/firmware/intel/ibt-*, 1 file"),
                .ok("rfkill", on: "hci0", "no switch"),
                .ok(
                    "roles",
                    on: "hci0",
                    "central and peripheral at once; how many links it takes, a node learns as it runs"
                ),
                .ok("wi-fi", "none"),
                .ok("bluetoothd", "5.66 runs, holds hci0, which thicketd takes and gives back"),
                .ok("configuration", "/etc/thicket/thicket.yaml: node 7 of network 11, radio hci"),
                .ok("privilege", "/etc/systemd/system/thicketd@.service grants CAP_NET_ADMIN"),
                .ok("state", "/var/lib/thicket is made at the start"),
                .ok("daemon", "does not run"),
                .ok("clock", "synchronised; no clock runs while the machine is off"),
            ]
        )
        #expect(Verdict(findings).text == "a node can run here")
        #expect(
            Verdict(findings).object.line == #"{"schema":1,"kind":"doctor","result":"ok","ok":13,"warn":0,"fail":0}"#
        )
    }

    @Test func thePiLosesItsLinksToWirelessInTheSameBand() throws {
        let machine = try Self.pi()
        try machine.addWireless("brcmfmac", megahertz: 2437)
        let found = try machine.finding("wi-fi")
        #expect(found.result == .warn)
        #expect(found.adapter == "hci0")
        #expect(found.found == "wlan0 shares chip and antenna, at 2437 MHz: links suffer while it sends")
        #expect(found.fix == "join a network at 5 GHz, or use a USB adapter")
        #expect(machine.findings().filter { $0.result != .ok } == [found])
        machine.megahertz["wlan0"] = 5180
        #expect(try machine.finding("wi-fi").result == .ok)
        machine.megahertz["wlan0"] = nil
        #expect(try machine.finding("wi-fi").found == "wlan0 shares chip and antenna; its band is not told")
        try machine.write("/sys/class/net/wlan0/operstate", "down\n")
        #expect(try machine.finding("wi-fi").found == "wlan0 shares chip and antenna, but is down")
    }

    @Test func aBoardWithoutFiveGigahertzIsNotToldToUseThem() throws {
        let machine = try Self.pi("Raspberry Pi Zero W Rev 1.1")
        try machine.addWireless("brcmfmac", megahertz: 2437)
        #expect(try machine.finding("wi-fi").fix == "use a cable or a USB adapter")
    }

    @Test func wirelessOfAnotherChipIsLeftAlone() throws {
        let machine = try Self.pi()
        try machine.addWireless("mt76x2u", megahertz: 2437)
        #expect(try machine.finding("wi-fi") == .ok("wi-fi", "wlan0 by another chip, as far as can be told"))
        let laptop = try Self.laptop()
        try laptop.addWireless("iwlwifi", megahertz: 2412)
        #expect(try laptop.finding("wi-fi").result == .warn)
    }

    @Test(
        arguments: [
            ("Raspberry Pi 3 Model B Rev 1.2", .bcm43438), ("Raspberry Pi 3 Model B Plus Rev 1.3", .bcm43455),
            ("Raspberry Pi Zero 2 W Rev 1.0", .bcm43436), ("Raspberry Pi 400 Rev 1.0", .bcm43455),
            ("Raspberry Pi 5 Model B Rev 1.0", .bcm43455), ("Raspberry Pi 2 Model B Rev 1.1", nil),
            ("Radxa ROCK Pi 4", nil),
        ] as [(String, Board.Chip?)]
    )
    func boardsAreKnownByTheirNames(model: String, chip: Board.Chip?) {
        #expect(Board(model: model).chip == chip)
    }

    // MARK: - No adapter

    @Test func noAdapterNamesTheWayToOne() throws {
        let machine = try MadeUpMachine()
        try machine.makeFolder("/sys/class/bluetooth")
        #expect(try machine.finding("adapter") == .fail("adapter", "there is none", fix: "plug in a USB adapter"))
        #expect(try machine.finding("adapter", adapter: "hci3").found == "there is no hci3")

        // A device of the class that nothing drives.
        let device = "/sys/devices/usb9"
        try machine.write("\(device)/idVendor", "0a12\n")
        try machine.write("\(device)/idProduct", "0001\n")
        try machine.write("\(device)/1.0/bInterfaceClass", "e0\n")
        try machine.write("\(device)/1.0/bInterfaceSubClass", "01\n")
        try machine.write("\(device)/1.0/bInterfaceProtocol", "01\n")
        try machine.link("/sys/bus/usb/devices/9-1:1.0", to: "../../../devices/usb9/1.0")
        let found = try machine.finding("adapter")
        #expect(found == .fail("adapter", "USB adapter 0a12:0001 has no driver", fix: "sudo modprobe btusb"))
    }

    @Test func aBoardWhoseAdapterIsSwitchedOffNamesTheFile() throws {
        let machine = try MadeUpMachine()
        try machine.makeFolder("/sys/class/bluetooth")
        try machine.write("/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
        #expect(
            try machine.finding("adapter").found
                == "there is none, though Raspberry Pi 4 Model B Rev 1.4 has a BCM43455"
        )
        try machine.write("/boot/firmware/config.txt", "[all]\ndtoverlay=disable-bt\n")
        let found = try machine.finding("adapter")
        #expect(found.fix == "sudo sed -i /^dtoverlay=disable-bt/d /boot/firmware/config.txt && sudo reboot")
        try machine.write("/boot/firmware/config.txt", "#dtoverlay=disable-bt\n")
        #expect(try machine.finding("adapter").fix?.contains("pi-bluetooth") == true)
    }

    @Test func anotherAdapterIsOffered() throws {
        let machine = try Self.laptop()
        let found = try machine.finding("adapter", adapter: "hci1")
        #expect(found == .fail("adapter", on: "hci1", "there is no hci1", fix: "--adapter hci0"))
    }

    @Test func severalAdaptersHaveALineEach() throws {
        let machine = try Self.laptop()
        try machine.plugUSB(1, "0a12:0001", MadeUpMachine.information(version: 6, manufacturer: 10), power: "auto")
        let findings = machine.findings()
        #expect(findings.filter { $0.check == "adapter" }.map(\.adapter) == ["hci0", "hci1"])
        #expect(findings.filter { $0.result == .warn }.map(\.check) == ["driver", "roles"])
        #expect(findings.contains(.ok("firmware", on: "hci1", "in the chip")))
        #expect(machine.findings(adapter: "hci0").allSatisfy { $0.result == .ok })
        // A connection is no adapter.
        try machine.makeFolder("/sys/class/bluetooth/hci0:64")
        #expect(machine.findings().count == findings.count)
    }

    // MARK: - What is wrong with an adapter

    @Test func switchesBlock() throws {
        let machine = try Self.laptop()
        func block(_ number: Int, _ name: String, type: String = "bluetooth", soft: Int = 0, hard: Int = 0) throws {
            let folder = "/sys/class/rfkill/rfkill\(number)"
            for (file, text) in [("name", name), ("type", type), ("soft", "\(soft)"), ("hard", "\(hard)")] {
                try machine.write("\(folder)/\(file)", text + "\n")
            }
        }
        try block(0, "phy0", type: "wlan", soft: 1)
        try block(1, "hci7", soft: 1)
        #expect(try machine.finding("rfkill").result == .ok)
        try block(2, "hci0", soft: 1)
        let found = try machine.finding("rfkill")
        #expect(found == .fail("rfkill", on: "hci0", "blocked by a program", fix: "sudo rfkill unblock bluetooth"))
        // The switch of the machine counts for every adapter, and cannot be unblocked by a program.
        try block(3, "tpacpi_bluetooth_sw", hard: 1)
        #expect(try machine.finding("rfkill").found == "blocked by a switch of the machine")
    }

    @Test func oldAdaptersCannotDoIt() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, "0a12:0001", MadeUpMachine.information(version: 4, lowEnergy: false))
        #expect(try machine.finding("roles").result == .fail)
        machine.known[0] = try MadeUpMachine.information(version: 6)
        #expect(try machine.finding("roles").result == .warn)
        machine.known[0] = try MadeUpMachine.information(version: 7)
        #expect(try machine.finding("roles").result == .ok)
    }

    @Test func missingFirmwareNamesThePackage() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, "0bda:8771", MadeUpMachine.information(manufacturer: 93))
        let found = try machine.finding("firmware")
        #expect(found.result == .warn)
        #expect(found.fix == "sudo apt install firmware-realtek && sudo reboot")
        try machine.write("/lib/firmware/rtl_bt/rtl8761bu_fw.bin", "")
        #expect(try machine.finding("firmware").result == .ok)
    }

    @Test func anAdapterInOtherHandsIsNotShown() throws {
        let machine = try Self.laptop()
        machine.known = [:]
        #expect(try machine.finding("adapter").result == .fail)
        machine.daemon = .running(
            .init(
                node: "7",
                adapter: "hci0",
                controller: "Bluetooth 5.2, Intel",
                health: "isolated",
                reason: "no mesh link"
            )
        )
        #expect(
            try machine.finding("adapter")
                == .ok("adapter", on: "hci0", "in the hands of thicketd, Bluetooth 5.2, Intel")
        )
        let found = try machine.finding("daemon")
        #expect(found.result == .warn)
        #expect(found.found == "node 7 runs on hci0, isolated: no mesh link")
    }

    // MARK: - Kernel and bluetoothd

    @Test(
        arguments: [
            ("6.1.21-v8+", .ok), ("6.12.1", .ok), ("5.10.103-v7l+", .warn), ("3.12.9", .fail), ("3.13.0", .warn),
            ("next", .warn), ("", .warn), ("99999999999999999999.1", .warn),
        ] as [(String, Finding.Result)]
    )
    func oldKernels(release: String, result: Finding.Result) throws {
        let machine = try Self.laptop()
        try machine.write("/proc/sys/kernel/osrelease", release + "\n")
        #expect(try machine.finding("kernel").result == result)
    }

    @Test func aKernelWithoutBluetoothIsNotAsked() throws {
        let machine = try MadeUpMachine()
        #expect(try machine.finding("kernel").found == "6.1.0-21-amd64 has no Bluetooth, nor a module for it")
        try machine.write("/lib/modules/6.1.0-21-amd64/kernel/net/bluetooth/bluetooth.ko.xz", "")
        let found = try machine.finding("kernel")
        #expect(found == .fail("kernel", "6.1.0-21-amd64: Bluetooth is not loaded", fix: "sudo modprobe bluetooth"))
        // Asking would load it.
        #expect(machine.askedKernel == 0)
    }

    @Test func aContainerHasNoSockets() throws {
        let machine = try Self.laptop()
        machine.management = .missing
        let found = try machine.finding("kernel")
        #expect(found.result == .fail)
        #expect(found.fix?.contains("--network host") == true)
        // What could not be asked is not guessed.
        #expect(!machine.findings().contains { $0.check == "adapter" || $0.check == "roles" })
        machine.management = .failed("permission denied")
        #expect(try machine.finding("kernel").found.hasSuffix("permission denied"))
    }

    @Test func bluetoothdIsToldWithWhatItHolds() throws {
        let machine = try Self.laptop()
        #expect(try machine.finding("bluetoothd").found == "does not run, and is not needed")
        try machine.startBluetoothd()
        try machine.makeFolder("/sys/class/bluetooth/hci0:71")
        let found = try machine.finding("bluetoothd")
        #expect(found.result == .warn)
        #expect(found.found == "5.66 runs; what is connected by hci0 will be cut off")
        machine.known[0] = try MadeUpMachine.information(isPowered: false)
        #expect(try machine.finding("bluetoothd") == .ok("bluetoothd", "5.66 runs, holds no adapter"))
    }

    @Test func besideBluetoothdItMustRun() throws {
        let machine = try Self.laptop()
        try machine.write("/etc/thicket/hci0.yaml", "node: 7\nradio: dbus\nkey: \"22222222222222222222222222222222\"\n")
        #expect(try machine.finding("bluetoothd").fix == "sudo apt install bluez")
        try machine.startBluetoothd()
        #expect(try machine.finding("bluetoothd").fix == "sudo Udev/install")
        try machine.write("/etc/dbus-1/system.d/org.thicket.conf", "")
        #expect(try machine.finding("bluetoothd").result == .ok)
        machine.version = "5.50"
        #expect(try machine.finding("bluetoothd").result == .warn)
        try machine.remove("/proc/612")
        #expect(try machine.finding("bluetoothd").fix == "sudo systemctl enable --now bluetooth")
    }

    // MARK: - Configuration and rights

    @Test func theConfigurationIsRead() throws {
        let machine = try Self.laptop()
        try machine.write("/etc/thicket/thicket.yaml", "node: 7\nkey: 1\n")
        let bad = try machine.finding("configuration")
        #expect(bad.result == .fail)
        #expect(bad.found.contains("thicket.yaml:2: key 'key'"))
        try machine.remove("/etc/thicket/thicket.yaml")
        let missing = try machine.finding("configuration")
        #expect(missing.found == "there is no /etc/thicket/thicket.yaml")
        #expect(missing.result == .fail)
        try machine.write(
            "/etc/thicket/hci0.yaml",
            "node: 8\nkey: \"22222222222222222222222222222222\"\ncontrol: /run/x\n"
        )
        #expect(try machine.finding("configuration").found.hasPrefix("/etc/thicket/hci0.yaml: node 8"))
        // Its socket is asked, unless another one is given.
        #expect(machine.askedSocket == "/run/x")
        _ = machine.findings(control: "/run/y")
        #expect(machine.askedSocket == "/run/y")
    }

    @Test func theKeyIsForTheDaemonAlone() throws {
        let machine = try Self.laptop()
        try machine.write("/etc/thicket/thicket.yaml", "node: 7\nlinks:\n  in: 1\nkey_file: network.key\n")
        #expect(try machine.finding("configuration").found == "there is no /etc/thicket/network.key")
        let key = Array("22222222222222222222222222222222\n".utf8)
        // Whoever runs the tests owns the file: user thicket does not.
        try machine.write("/etc/thicket/network.key", key, mode: 0o600)
        let closed = try machine.finding("configuration")
        #expect(closed.found == "user thicket may not read /etc/thicket/network.key")
        #expect(closed.fix == "sudo chown thicket /etc/thicket/network.key && sudo chmod 0600 /etc/thicket/network.key")
        try machine.write("/etc/thicket/network.key", key, mode: 0o644)
        let open = try machine.finding("configuration")
        #expect(open.found.contains("others than its owner may read it"))
        try machine.remove("/etc/systemd/system/thicketd@.service")
        try machine.write("/etc/thicket/network.key", key, mode: 0o600)
        #expect(try machine.finding("configuration").result == .ok)
    }

    @Test func somebodyMustGrantTheCapability() throws {
        let machine = try Self.laptop()
        try machine.remove("/etc/systemd/system/thicketd@.service")
        #expect(try machine.finding("privilege").result == .ok)
        try machine.write(
            "/proc/self/status",
            "Uid:\t1000\t1000\t1000\t1000\nGroups:\t27 1000\nCapEff:\t0000000000000000\n"
        )
        let lacking = try machine.finding("privilege")
        #expect(lacking.result == .fail)
        #expect(lacking.fix == "sudo Udev/install")
        try machine.write("/usr/lib/systemd/system/thicketd@.service", "[Service]\nAmbientCapabilities=CAP_NET_ADMIN\n")
        #expect(try machine.finding("privilege").result == .ok)
        try machine.write("/etc/passwd", "root:x:0:0::/root:/bin/bash\n")
        #expect(try machine.finding("privilege").fix == "sudo systemd-sysusers")
    }

    @Test func membersOfTheGroupMayAsk() throws {
        let machine = try Self.laptop()
        try machine.write("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGroups:\t27 1000\nCapEff:\t0\n")
        #expect(try machine.finding("daemon").result == .warn)
        #expect(try machine.finding("daemon").fix == "sudo usermod -aG thicket \"$USER\", and log in again")
        try machine.write("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGroups:\t27 991 1000\nCapEff:\t0\n")
        #expect(try machine.finding("daemon") == .ok("daemon", "does not run"))
        machine.daemon = .denied
        #expect(try machine.finding("daemon").result == .warn)
        machine.daemon = .failed("it does not answer")
        #expect(try machine.finding("daemon").found == "/run/thicket/control.sock: it does not answer")
    }

    @Test func theStateMustBeWritable() throws {
        let machine = try Self.laptop()
        try machine.makeFolder("/var/lib/thicket")
        // It belongs to whoever runs the tests.
        let found = try machine.finding("state")
        #expect(
            found
                == .fail(
                    "state",
                    "user thicket may not write to /var/lib/thicket",
                    fix: "sudo chown thicket /var/lib/thicket"
                )
        )
        try machine.remove("/etc/systemd/system/thicketd@.service")
        #expect(try machine.finding("state").result == .ok)
        try machine.write(
            "/etc/thicket/thicket.yaml",
            "node: 7\nstate: /srv/mesh\nkey: \"22222222222222222222222222222222\"\n"
        )
        #expect(try machine.finding("state").fix == "sudo install -d -m 0750 /srv/mesh")
    }

    // MARK: - Clock

    @Test func theClockMustBeRight() throws {
        let machine = try Self.laptop()
        machine.clock.isSynchronized = false
        let found = try machine.finding("clock")
        #expect(found.result == .warn)
        #expect(found.fix == "sudo timedatectl set-ntp true")
        try machine.makeFolder("/sys/class/rtc/rtc0")
        try machine.write("/run/systemd/timesync/synchronized", "")
        #expect(try machine.finding("clock") == .ok("clock", "synchronised; a clock runs while the machine is off"))
        machine.clock.seconds = 86_400
        #expect(try machine.finding("clock").found == "it stands in the year 1970")
        for seconds in [Int.min, Int.max, -1, 0] {
            machine.clock.seconds = seconds
            #expect(try machine.finding("clock").result == .warn)
        }
    }

    @Test(
        arguments: [
            (243_700_000, 1, 2437), (24_370, 5, 2437), (518, 7, 5180), (6, 0, nil), (-5, 6, nil), (1, 300, nil),
            (Int32.max, 9, 2_147_483_647_000), (2_000_000_000, 0, 2000), (5, -3, nil),
        ] as [(Int32, Int16, Int?)]
    )
    func frequencies(mantissa: Int32, exponent: Int16, megahertz: Int?) {
        #expect(WirelessFrequency(mantissa: mantissa, exponent: exponent).megahertz == megahertz)
    }

    // MARK: - Lines

    @Test func findingsAreObjects() {
        let finding = Finding.fail("rfkill", on: "hci0", "blocked by a program", fix: "sudo rfkill unblock bluetooth")
        #expect(
            finding.object.line
                == #"{"schema":1,"kind":"check","check":"rfkill","adapter":"hci0","result":"fail","#
                + #""found":"blocked by a program","fix":"sudo rfkill unblock bluetooth"}"#
        )
        #expect(
            Finding.ok("kernel", "6.1").object.line.hasSuffix(
                #""adapter":null,"result":"ok","found":"6.1","fix":null}"#
            )
        )
        #expect(Verdict([finding]).text == "no node can run here: 1 failure, 0 warnings")
        #expect(Verdict([.warn("a", "b", fix: "c")]).text == "a node can run here, with 1 warning")
    }

    // MARK: - This machine

    @Test func thisMachineIsLookedAtWithoutATrap() {
        let findings = Examination(.this).findings()
        #expect(findings.contains { $0.check == "kernel" })
        #expect(findings.contains { $0.check == "clock" })
        #expect(findings.allSatisfy { ($0.result == .ok) == ($0.fix == nil) })
    }

    /// Whatever stands in the files, there is a finding for each check, on one line, with a way out where one is needed.
    @Test func anyContentIsSurvived() throws {
        var random = SplitMix.announced("anyContentIsSurvived")
        let machine = try Self.pi()
        try machine.plugUSB(1, "8087:0026", MadeUpMachine.information())
        try machine.addWireless("brcmfmac")
        try machine.startBluetoothd()
        let paths = [
            "/proc/sys/kernel/osrelease", "/proc/self/status", "/etc/passwd", "/etc/group", "/etc/thicket/thicket.yaml",
            "/etc/systemd/system/thicketd@.service", "/proc/device-tree/model", "/sys/devices/usb1/idVendor",
            "/sys/devices/usb1/idProduct", "/sys/devices/usb1/product", "/sys/devices/usb1/power/control",
            "/sys/class/rfkill/rfkill0/type", "/sys/class/rfkill/rfkill0/name", "/sys/class/rfkill/rfkill0/soft",
            "/sys/class/rfkill/rfkill0/hard", "/sys/class/net/wlan0/operstate", "/proc/612/comm",
        ]
        let words = [
            "hci", "hci99999", "hci1", "bluetooth", "1", "Uid:", "Groups: 4 5", "thicket:x:1:2", "thicket::",
            "key_file: [",
            "node: 1", "Raspberry Pi 4", "6.", ".", "e0", "\u{1B}[2J", "\u{202E}", "radio: dbus",
            "AmbientCapabilities=CAP_NET_ADMIN",
        ]
        for turn in 0..<100 {
            for path in paths where random.below(3) == 0 {
                var bytes = random.bytes(atMost: 40)
                for _ in 0..<random.below(4) { bytes += Array(words[random.below(words.count)].utf8) + [0x0A] }
                try machine.write(path, bytes)
            }
            machine.clock.seconds = Int(truncatingIfNeeded: random.next())
            machine.megahertz["wlan0"] = random.below(2) == 0 ? nil : Int(truncatingIfNeeded: random.next())
            let packet = random.bytes(17)
            machine.known = [0: try AdapterInformation(bytes: packet)]
            machine.version = String(decoding: random.bytes(atMost: 8), as: UTF8.self)
            let findings = machine.findings()
            for finding in findings {
                #expect(
                    (finding.result == .ok) == (finding.fix == nil),
                    "seed \(random.seed), turn \(turn): \(finding)"
                )
                let isOneLine = !finding.found.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
                #expect(isOneLine, "seed \(random.seed), turn \(turn): \(finding)")
            }
            for check in ["kernel", "driver", "rfkill", "bluetoothd", "configuration", "privilege", "state", "clock"] {
                #expect(findings.contains { $0.check == check }, "seed \(random.seed), turn \(turn): \(check)")
            }
        }
    }
}
