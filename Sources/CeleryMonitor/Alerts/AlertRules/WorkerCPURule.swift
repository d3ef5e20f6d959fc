/// Machines with more to do than they can.
enum WorkerCPURule: AlertRule {
    static let name = "worker-cpu"
    static let summary =
        "One-minute load average of a worker's machine divided by its processors (Chard's workers tell them)"
    static let unit = AlertUnit.percent
    static let defaults = AlertRuleSettings(threshold: 80, hold: 300, severity: .warning)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        inputs.workers.filter(\.isAlive).compactMap { worker in
            guard let load = MachineLoad(worker, inputs.reports[worker.name]).load else { return nil }
            return AlertReading(
                subject: worker.name,
                value: load,
                level: AlertReading.above(settings.threshold, load),
                text: "the load of \(worker.name)'s machine is \(unit.text(load)) of its processors",
                advice: "lower the worker's concurrency, or add machines"
            )
        }
    }
}
