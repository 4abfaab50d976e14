import Testing

/// Compares this implementation with recordings of the reference implementation.
@Suite(.serialized) struct GoldenTests {
    @Test(arguments: Grade.files.keys.sorted())
    func answersAsRecorded(name: String) throws {
        let grade = try #require(Grade.files[name])
        let file = try VectorFile(named: name)
        var (passed, decodeOnly, failed) = (0, 0, 0)
        for (index, recorded) in file.cases.enumerated() {
            var result = CaseResult()
            do {
                try grade.check(recorded, &result)
            } catch {
                result.fail("\(error)")
            }
            if !result.differences.isEmpty {
                failed += 1
                Issue.record("\(name) case \(index):\n  \(result.differences.joined(separator: "\n  "))")
            } else if result.isDecodeOnly {
                decodeOnly += 1
            } else {
                passed += 1
            }
        }
        print(
            "golden \(name): \(file.cases.count) cases, \(passed) passed, \(decodeOnly) decode-only, \(failed) failed"
        )
    }

    @Test func everyFileIsKnownAndNoneIsMissing() throws {
        #expect(try VectorFile.names() == Grade.files.keys.sorted())
    }
}
