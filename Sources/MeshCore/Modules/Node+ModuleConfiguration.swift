import ByteCoding
import MeshWire
import RadioPort

// Configuration of modules (protocol §10.1, MODULE_CONFIG). Only the status reporter has one; the node module cannot be
// switched off. The clustering module, which is none of the reference build and not in its list, takes changes of the mode.
extension Node {
    mutating func configure(_ request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        guard case .configuration(let module, let action) = request.content else { return }
        if module == ClusteringChange.module, case .setConfig(let bytes) = action {
            planClustering(bytes, request, now: now, into: &outputs)
            return
        }
        guard ModuleTable.contains(module) else { return }
        let answer: ModuleConfiguration
        switch action {
        case .setConfig(let bytes):
            answer = .setConfigResult(setConfiguration(of: module, bytes, now: now, into: &outputs))
        case .setActive(let value):
            answer = .setActiveResult(setActive(module, value != 0, now: now, into: &outputs))
        case .getConfig:
            answer = configuration(of: module)
        case .getModuleList:
            answer = moduleList()
        case .setConfigResult, .setActiveResult, .config, .moduleList, .getConfigError:
            return
        }
        self.answer(request, .configuration(module, answer), now: now, into: &outputs)
    }

    /// Whether a module acts; all do until they are switched off.
    func isActive(_ module: ModuleIdentifier) -> Bool {
        stored.inactiveModules.isEmpty || !stored.inactiveModules.contains(module)
    }

    private func moduleList() -> ModuleConfiguration {
        var list = PackedList<ModuleListEntry, 192>()
        for index in ModuleTable.entries.indices {
            let entry = ModuleTable.entries[index]
            list.append(
                ModuleListEntry(module: entry.module, version: entry.version, isActive: isActive(entry.module))
            )
        }
        return .moduleList(list)
    }

    private mutating func setActive(
        _ module: ModuleIdentifier,
        _ active: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) -> ModuleConfigCode {
        guard active != isActive(module) else { return .ok }
        guard module != .plain(.node) else { return .other }
        if active {
            stored.inactiveModules.removeAll { $0 == module }
        } else {
            stored.inactiveModules.append(module)
        }
        persist(into: &outputs)
        if module == .plain(.statusReporter) {
            startTimeReporting(now: now)
        }
        return .ok
    }

    private func configuration(of module: ModuleIdentifier) -> ModuleConfiguration {
        guard module == .plain(.statusReporter) else { return .getConfigError(.noConfiguration) }
        let configuration = StatusReporterConfiguration(
            isActive: isActive(module),
            intervals: stored.reportIntervals,
            liveReportLevel: liveReportLevel,
            timeReportingInterval: stored.timeReportingInterval
        )
        guard let bytes: InlineBytes<192> = try? configuration.encoded() else { return .getConfigError(.other) }
        return .config(bytes)
    }

    private mutating func setConfiguration(
        of module: ModuleIdentifier,
        _ bytes: InlineBytes<192>,
        now: Instant,
        into outputs: inout Outputs
    ) -> ModuleConfigCode {
        guard module == .plain(.statusReporter) else { return .noConfiguration }
        guard bytes.count == StatusReporterConfiguration.encodedSize,
            let configuration = try? StatusReporterConfiguration(bytes: bytes)
        else { return .wrongConfiguration }
        stored.reportIntervals = configuration.intervals
        stored.liveReportLevel = configuration.liveReportLevel
        stored.timeReportingInterval = configuration.timeReportingInterval
        status.liveReportLevel = nil
        if configuration.isActive != isActive(module) {
            _ = setActive(module, configuration.isActive, now: now, into: &outputs)
        } else {
            persist(into: &outputs)
        }
        scheduleReports(now: now)
        startTimeReporting(now: now)
        return .ok
    }
}
