import CeleryWorker
import Foundation

/// The answer of `system.health.node`: the machine of one worker, and its process.
struct NodeReport: Codable, Sendable {
    /// Whether every check is.
    var ok: Bool
    /// The node name of the worker that measured.
    var worker: String
    var host: String
    /// `cpu`, `memory`, `disk` and `load`.
    var checks: NamedValues<HealthProbe>
    /// The worker's process: see ``SystemHealth/process()``.
    var process: HealthProbe

    static func measure(worker: String) async -> NodeReport {
        let checks = [HealthCheck("cpu") { try await SystemHealth.cpu() }] + HealthCheck.machine
        async let process = HealthProbe.measure { try SystemHealth.process() }
        let report = await HealthReport.measure(checks, worker: worker)
        return NodeReport(
            ok: report.ok,
            worker: worker,
            host: ProcessInfo.processInfo.hostName,
            checks: report.checks,
            process: await process
        )
    }
}
