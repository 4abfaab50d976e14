package import MeshControl

/// One line of an examination: what was looked at, how it is, what was found, and how to mend it.
package struct Finding: Equatable {
    /// How it is, from best to worst.
    package enum Result: String, CaseIterable, Comparable {
        /// Nothing stands in the way.
        case ok
        /// A node runs, but worse than it could, or something could not be seen.
        case warn
        /// A node cannot run.
        case fail

        package static func < (left: Result, right: Result) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    /// Name of the check.
    package var check: String
    /// The adapter that it is about, nil if it is about the machine.
    package var adapter: String?
    package var result: Result
    /// What was found, one line.
    package var found: String
    /// A command, or what to do by hand; nil if all is well.
    package var fix: String?

    static func ok(_ check: String, on adapter: String? = nil, _ found: String) -> Finding {
        Finding(check: check, adapter: adapter, result: .ok, found: found)
    }

    static func warn(_ check: String, on adapter: String? = nil, _ found: String, fix: String) -> Finding {
        Finding(check: check, adapter: adapter, result: .warn, found: found, fix: fix)
    }

    static func fail(_ check: String, on adapter: String? = nil, _ found: String, fix: String) -> Finding {
        Finding(check: check, adapter: adapter, result: .fail, found: found, fix: fix)
    }
}

extension Finding {
    /// For programs.
    package var object: JSONObject {
        var object = JSONObject(kind: "check")
        object.append("check", text: check)
        object.append("adapter", .optional(adapter) { .text($0) })
        object.append("result", text: result.rawValue)
        object.append("found", text: found)
        object.append("fix", .optional(fix) { .text($0) })
        return object
    }
}

/// What comes of all findings together.
package struct Verdict: Equatable {
    private let results: [Finding.Result]

    package init(_ findings: [Finding]) { results = findings.map(\.result) }

    /// The worst of them.
    package var result: Finding.Result { results.max() ?? .ok }

    private func count(_ result: Finding.Result) -> Int { results.count { $0 == result } }

    /// For people.
    package var text: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        return switch result {
        case .ok: "a node can run here"
        case .warn: "a node can run here, with \(counted(count(.warn), "warning"))"
        case .fail: "no node can run here: \(counted(count(.fail), "failure")), \(counted(count(.warn), "warning"))"
        }
    }

    /// For programs.
    package var object: JSONObject {
        var object = JSONObject(kind: "doctor")
        object.append("result", text: result.rawValue)
        for result in Finding.Result.allCases { object.append(result.rawValue, integer: count(result)) }
        return object
    }
}
