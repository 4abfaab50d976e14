import ArgumentParser
import MeshConfiguration
import Testing

@testable import thicket

/// Words that are no command, and options that do not exist yet.
@Suite struct CommandTests {
    private static func names(_ verbs: [any ParsableCommand.Type]) -> String {
        verbs.compactMap { $0.configuration.commandName }.joined(separator: ", ")
    }

    @Test(arguments: [
        (["dance"], "there is no command 'dance'; there is: \(names(Thicket.configuration.subcommands))"),
        (["sim", "dance"], "there is no command 'sim dance'; there is: \(names(Sim.configuration.subcommands))"),
    ])
    func unknownVerbsAreAnsweredWithTheKnownOnes(words: [String], message: String) {
        do {
            try Thicket.checkVerbs(words)
            Issue.record("accepted")
        } catch {
            #expect((error as? ValidationError)?.message == message)
            #expect(Thicket.exitCode(for: error).rawValue == 64)
        }
    }

    @Test(arguments: [[], ["--help"], ["help", "sim"], ["sim"], ["sim", "run", "x.yaml"], ["sim", "--version"]])
    func otherWordsAreLeftToTheParser(words: [String]) throws {
        try Thicket.checkVerbs(words)
    }

    @Test(arguments: ["1...100": 1...100, "7": 7...7, "0...0": 0...0] as [String: ClosedRange<UInt64>])
    func seedsAreARange(text: String, seeds: ClosedRange<UInt64>) throws {
        #expect(try OptionValue.seeds(text) == seeds)
    }

    @Test(arguments: ["", "1..5", "5...1", "a...b", "1...2...3", "-1...4", "1...", "..."])
    func otherSeedsAreRefused(text: String) {
        #expect(throws: ValidationError.self) { try OptionValue.seeds(text) }
    }

    @Test func namesThatDoNotExistYetAreAnsweredWithThoseThatDo() {
        let radio: (String) throws -> RadioProfile = OptionValue.named("radio")
        do {
            _ = try radio("lora")
            Issue.record("accepted")
        } catch {
            #expect((error as? ValidationError)?.message == "radio 'lora' does not exist yet; there is: reference, ble")
        }
    }

    @Test func layoutsAreNamesOrFiles() throws {
        #expect(try LayoutChoice(option: "scaled") == .generator(.scaled))
        #expect(try LayoutChoice(option: "maps/row.json") == .file("maps/row.json"))
        #expect(throws: ValidationError.self) { try LayoutChoice(option: "ring") }
    }

    @Test(arguments: [("1", 1_000_000), ("0.5", 500_000), ("600", 600_000_000)] as [(String, UInt64)])
    func limitsAreSeconds(text: String, microseconds: UInt64) throws {
        #expect(try OptionValue.seconds(text) == microseconds)
    }

    @Test(arguments: ["0", "-1", "nan", "inf", "1e30", "soon"]) func otherLimitsAreRefused(text: String) {
        #expect(throws: ValidationError.self) { try OptionValue.seconds(text) }
    }
}
