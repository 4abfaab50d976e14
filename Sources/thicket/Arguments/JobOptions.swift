import ArgumentParser
import Glibc

/// How many runs go on at the same time.
struct JobOptions: ParsableArguments {
    @Option(help: "Runs at the same time; the default is the number of cores.")
    var jobs: Int?

    /// Runs at the same time.
    ///
    /// Not checked while parsing: that would come before unknown options are noticed, and speak of something else.
    ///
    /// - Throws: a usage error if it is out of range.
    func count() throws -> Int {
        guard let jobs else { return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
        guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes 1...1024") }
        return jobs
    }
}
