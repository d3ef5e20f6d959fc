import Connections

/// A node of the broker's cluster that does not run.
enum BrokerNodeRule: AlertRule {
    static let name = "broker-node"
    static let summary = "A node of the broker's cluster that does not run, or has lost sight of others"
    static let unit = AlertUnit.flag
    static let defaults = AlertRuleSettings(hold: 10, severity: .critical)

    static func readings(_ inputs: AlertInputs, _ settings: AlertRuleSettings) -> [AlertReading]? {
        guard inputs.hasBroker else { return nil }
        return inputs.broker.nodes.map { node in
            let parted = node.partitions ?? []
            return AlertReading(
                subject: node.name,
                value: node.running && parted.isEmpty ? 0 : 1,
                level: node.running && parted.isEmpty ? .good : .bad,
                text: !node.running
                    ? "the broker's node \(node.name) does not run"
                    : parted.isEmpty
                        ? "the broker's node \(node.name) runs"
                        : "the broker's node \(node.name) has lost sight of \(parted.joined(separator: ", "))",
                advice: "start it again, or take it out of the cluster"
            )
        }
    }
}
