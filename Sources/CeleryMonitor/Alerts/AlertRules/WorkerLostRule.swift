/// Workers that fell silent without saying goodbye.
enum WorkerLostRule: AlertRule {
    static let name = "worker-lost"
    static let summary = "Time since a worker was last heard of that did not say goodbye"
    static let unit = AlertUnit.seconds
    static let defaults = AlertRuleSettings(threshold: 0, hold: 10, severity: .critical)
    /// Seconds after which a lost worker is no news any more: machines go for ever, and others take their place.
    static let memory = 3600.0

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        inputs.workers.compactMap { worker in
            let silence = max(0, inputs.now - worker.lastHeard)
            guard !worker.isAlive, !worker.isOffline, silence < memory else { return nil }
            return AlertReading(
                subject: worker.name,
                value: silence,
                level: silence > settings.threshold ? .bad : .good,
                text: "\(worker.name) has not been heard of for \(Format.duration(silence))",
                advice: "look whether its process and its machine are there; what it ran is delivered again"
            )
        }
    }
}
