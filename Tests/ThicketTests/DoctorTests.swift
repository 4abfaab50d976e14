import Testing

@testable import MeshControl
@testable import MeshDoctor
@testable import thicket

/// The verb that looks at this machine; what it looks at is tested with machines that are made up.
@Suite struct DoctorTests {
    @Test func aFindingIsAWordASubjectAndTheWayToMendIt() {
        let finding = Finding(
            check: "adapter",
            adapter: "hci0",
            result: .fail,
            found: "the kernel does not show it: another program has it, or its set-up failed",
            fix: "sudo dmesg | grep -i bluetooth; stop that program"
        )
        let lines = Doctor.lines(finding)
        #expect(
            lines == [
                "FAIL adapter hci0   the kernel does not show it: another program has it, or its",
                "                    set-up failed",
                "fix                 sudo dmesg | grep -i bluetooth; stop that program",
            ]
        )
        #expect(Doctor.lines(Finding(check: "kernel", result: .ok, found: "6.1")) == ["ok   kernel         6.1"])
    }

    @Test func thisMachineIsToldInLinesAndObjects() throws {
        let lines = try Shell.run("\(try Shell.thicket()) doctor --node /nowhere/control.sock")
        #expect(lines.lines.allSatisfy { $0.count <= 80 }, "\(lines.output)")
        let objects = try Shell.run("\(try Shell.thicket()) doctor --node /nowhere/control.sock --json")
        #expect(objects.exitCode == lines.exitCode)
        let answers = try objects.lines.map { try #require(ControlAnswer($0), "\($0)") }
        #expect(answers.dropLast().allSatisfy { $0.kind == "check" })
        let verdict = try #require(answers.last)
        #expect(verdict.kind == "doctor")
        #expect(objects.exitCode == (verdict.text("result") == "ok" ? 0 : 1))
        let worst = answers.dropLast().map { $0.text("result") }
        #expect(worst.count { $0 == "fail" } == Int(verdict.text("fail")))
        #expect(worst.count { $0 == "warn" } == Int(verdict.text("warn")))
    }

    @Test func anAdapterHasAName() throws {
        let result = try Shell.run("\(try Shell.thicket()) doctor --adapter eth0 2>&1")
        #expect(result.exitCode == 64)
        #expect(result.output.contains("'eth0' is no adapter; write hci0"))
    }
}
