/// Machines that run out of memory.
enum WorkerMemoryRule: AlertRule {
    static let name = "worker-memory"
    static let summary = "Memory in use on a worker's machine, or of its control group (Chard's workers tell it)"
    static let unit = AlertUnit.percent
    static let defaults = AlertRuleSettings(threshold: 80, hold: 300, severity: .warning)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        inputs.workers.filter(\.isAlive).compactMap { worker in
            guard let memory = MachineLoad(worker, inputs.reports[worker.name]).memory else { return nil }
            return AlertReading(
                subject: worker.name,
                value: memory,
                level: AlertReading.above(settings.threshold, memory),
                text: "\(unit.text(memory)) of the memory of \(worker.name)'s machine is in use",
                advice: "lower the worker's concurrency, restart it, or give it more memory"
            )
        }
    }
}
