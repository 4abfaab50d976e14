import Foundation
import MeshConfiguration
import TestSupport
import Testing

@testable import thicket

/// Parts of sweeps, joined and drawn.
@Suite struct SweepFileTests {
    @Test func partsOfARangeHaveEverySeedOnce() {
        var random = SplitMix.announced("partsOfARangeHaveEverySeedOnce")
        for _ in 0..<200 {
            let first = random.next() >> UInt64(random.below(64))
            let length = UInt64(random.below(40))
            guard !first.addingReportingOverflow(length).overflow else { continue }
            let count = UInt64(1 + random.below(12))
            var seeds: [UInt64] = []
            for index in 1...count {
                let part = Seeds(first...(first + length), shard: Shard(index: index, count: count))
                var seed = part.first
                var found: UInt64 = 0
                while let next = seed {
                    seeds.append(next)
                    found += 1
                    seed = part.next(after: next)
                }
                #expect(part.count == found)
            }
            #expect(seeds.sorted() == Array(first...(first + length)))
        }
        #expect(Seeds(0...UInt64.max).count == .max)
        #expect(Seeds(UInt64.max...UInt64.max, shard: Shard(index: 2, count: 2)).first == nil)
    }

    @Test func joinedPartsAreTheWhole() throws {
        try Self.withFolder { folder in
            let sweep = "sim sweep --layout random --nodes 5 --seeds 1...7 --json"
            let whole = try Self.thicket(sweep, folder)
            for part in 1...3 {
                let run = try Self.thicket(sweep + " --shard \(part)/3", folder)
                try Data(run.run.output.utf8).write(to: URL(filePath: "\(folder)/\(part).jsonl"))
            }
            let merged = try Self.thicket("sim merge --json 3.jsonl 1.jsonl 2.jsonl 1.jsonl", folder)
            #expect(merged.run.exitCode == 0, "\(merged.errors)")
            #expect(merged.run.lines.dropLast() == whole.run.lines.dropLast())
            let (all, joined) = (try #require(whole.run.lines.last), try #require(merged.run.lines.last))
            // What is behind depends on the clock.
            #expect(all.components(separatedBy: "\"wall_s\"")[0] == joined.components(separatedBy: "\"wall_s\"")[0])
        }
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        try Self.withFolder { folder in
            let rows = [
                "a": Self.row(1, nodes: 5, digest: "00000000000000aa"),
                "b": Self.row(1, nodes: 5, digest: "00000000000000bb"),
                "c": Self.row(2, nodes: 6, digest: "00000000000000cc"),
                "d": "{\"schema\":1,\"kind\":\"status\"}",
                "e": "nonsense",
                "f": "",
            ]
            for (name, row) in rows { try Data((row + "\n").utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
            func refused(_ names: String...) throws -> String {
                let run = try Self.thicket("sim merge " + names.joined(separator: " "), folder)
                #expect(run.run.exitCode == 65)
                #expect(run.errors.split(separator: "\n").count == 1)
                return run.errors
            }
            #expect(try refused("a", "b").contains("seed 1 came out otherwise than in a;"))
            #expect(try refused("a", "c").contains("seed 2 is of another sweep: random, 6 nodes, formation, not"))
            #expect(try refused("d").contains("d:1: an object of kind 'status'; allowed: run, summary"))
            #expect(try refused("e").contains("e:1: no JSON object"))
            #expect(try refused("f").contains("there is no run in it"))
            #expect(try refused("nowhere").contains("cannot be read: No such file"))
        }
    }

    @Test func aPartThatWasCutShortIsReadAsFarAsItGoes() throws {
        try Self.withFolder { folder in
            let text = Self.row(1, nodes: 5, digest: "0a") + "\n" + Self.row(2, nodes: 5, digest: "0b").dropLast(9)
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/cut"))
            let run = try Self.thicket("sim merge --json cut", folder)
            #expect(run.run.exitCode == 1)
            #expect(run.errors == "note: cut was cut short\n")
            #expect(run.run.lines.count == 2)
            #expect(run.run.lines.last?.hasSuffix("\"interrupted\":true}") == true)
        }
    }

    @Test func aPictureIsWellFormedAndHasACurveForEverySizeAndFile() throws {
        try Self.withFolder { folder in
            for (name, sizes) in [("a", [5, 9, 12]), ("b", [5, 9])] {
                let rows = sizes.flatMap { nodes in (1...20).map { Self.row(UInt64($0), nodes: nodes, digest: "0a") } }
                try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/\(name)&.jsonl"))
            }
            let out = "\(folder)/picture.svg"
            let run = try Self.thicket("sim plot 'a&.jsonl' 'b&.jsonl' --out picture.svg --title '<both>'", folder)
            #expect(run.run.exitCode == 0, "\(run.errors)")
            let picture = try String(contentsOfFile: out, encoding: .utf8)
            let reader = Process()
            reader.executableURL = URL(filePath: "/usr/bin/env")
            reader.arguments = ["python3", "-c", "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", out]
            try reader.run()
            reader.waitUntilExit()
            #expect(reader.terminationStatus == 0)
            #expect(picture.contains("&lt;both&gt;"))
            // Three and two curves of spread and of the legend, one median each.
            #expect(picture.components(separatedBy: "stroke-width=\"2\"").count - 1 == 2 * 5 + 2)
            #expect(picture.components(separatedBy: "<polygon").count - 1 == 2)
            #expect(try Self.thicket("sim plot 'a&.jsonl' --out picture.png", folder).run.exitCode == 64)
        }
    }

    @Test func scalesAreRoundAndReachTheGreatest() {
        var random = SplitMix.announced("scalesAreRoundAndReachTheGreatest")
        for _ in 0..<300 {
            let greatest = Double(1 + random.below(1_000_000)) / Double(1 + random.below(1000))
            let scale = Scale(to: greatest)
            #expect(scale.end >= greatest)
            #expect(scale.end - scale.step < greatest)
            #expect((2...9).contains(scale.marks.count), "\(greatest)")
        }
    }

    /// Runs a command in a folder.
    private static func thicket(_ arguments: String, _ folder: String) throws -> (run: Shell.Result, errors: String) {
        let run = try Shell.run("cd '\(folder)' && '\(try Shell.thicket())' \(arguments) 2>errors")
        return (run, try String(contentsOfFile: folder + "/errors", encoding: .utf8))
    }

    private static func row(_ seed: UInt64, nodes: Int, digest: String) -> String {
        #"{"schema":1,"kind":"run","seed":\#(seed),"layout":"random","nodes":\#(nodes),"formed":true,"#
            + #""formed_s":\#(nodes).\#(seed),"links_made":7,"tree_diameter_hops":3,"digest":"\#(digest)"}"#
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
