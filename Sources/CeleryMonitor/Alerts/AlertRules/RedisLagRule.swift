/// Replicas of the result store that fall behind.
enum RedisLagRule: AlertRule {
    static let name = "redis-lag"
    static let summary =
        "Time since the result backend's Redis last heard of a replica (INFO replication); one that left counts on"
    static let unit = AlertUnit.seconds
    static let defaults = AlertRuleSettings(threshold: 10, hold: 0, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        inputs.replicas?.map { replica in
            AlertReading(
                subject: replica.address,
                value: replica.lag,
                level: AlertReading.above(settings.threshold, replica.lag),
                text: replica.isGone
                    ? "the Redis replica \(replica.address) has been gone for \(Format.duration(replica.lag))"
                    : "the Redis replica \(replica.address) is \(Format.duration(replica.lag)) behind",
                advice: "look whether the replica runs and reaches its master; results would be lost with the master"
            )
        }
    }
}
