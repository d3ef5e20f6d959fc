import CeleryWorker

/// The answer of `system.health.check`.
struct HealthReport: Codable, Sendable {
    /// Whether every check is.
    var ok: Bool
    /// The node name of the worker that measured.
    var worker: String
    var checks: NamedValues<HealthProbe>

    /// The longest that a check may take.
    static let patience = Duration.seconds(15)

    /// Runs all checks at once; takes as long as the slowest, ``patience`` at most.
    ///
    /// - Parameter checks: In the order of the report; of two with one name the first counts.
    static func measure(
        _ checks: [HealthCheck],
        worker: String,
        within limit: Duration = patience
    ) async -> HealthReport {
        var names: Set<String> = []
        let checks = checks.filter { names.insert($0.name).inserted }
        let probes = await withTaskGroup(of: (Int, HealthProbe).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await HealthProbe.measure(within: limit, check.probe)) }
            }
            var probes = [HealthProbe?](repeating: nil, count: checks.count)
            for await (index, probe) in group { probes[index] = probe }
            return probes
        }
        let measured = zip(checks, probes).compactMap { check, probe in probe.map { (check.name, $0) } }
        let isOK = measured.allSatisfy { $0.1.ok }
        return HealthReport(ok: isOK, worker: worker, checks: NamedValues(measured))
    }
}
