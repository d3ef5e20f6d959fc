/// Caches that do not help.
enum CacheHitsRule: AlertRule {
    static let name = "cache-hits"
    static let summary =
        "Share of inference requests that a cache answered, of those counted in Redis under metrics:inference:*"
    static let unit = AlertUnit.percent
    static let defaults = AlertRuleSettings(threshold: 50, hold: 900, severity: .warning)
    /// Fewer requests say nothing.
    static let minimum = 10

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard let cache = inputs.cache else { return nil }
        guard cache.requests >= minimum else { return [] }
        let percent = min(100, Double(cache.hits) / Double(cache.requests) * 100)
        return [
            AlertReading(
                subject: "",
                value: percent,
                level: AlertReading.below(settings.threshold, percent),
                text: "caches answer \(unit.text(percent)) of inference requests: "
                    + "\(Format.count(cache.hits)) of \(Format.count(cache.requests))",
                advice: "look whether requests repeat at all, and whether the caches are large enough"
            )
        ]
    }
}
