/// A count that all processes share: the key is `metrics:{service}:{metric_name}`.
package struct MetricName: Sendable, Hashable, CustomStringConvertible {
    package let service: String
    package let metric: String

    /// - Throws: `StateError.badName`; a service has no colon, so that a key is of one metric only.
    package init(service: String, metric: String) throws(StateError) {
        self.service = service
        self.metric = metric
        if service.isEmpty || metric.isEmpty {
            throw .badName(.metric, name: description, reason: "service and metric must not be empty")
        }
        if service.contains(":") {
            throw .badName(.metric, name: description, reason: "the service holds a colon")
        }
        _ = try StateKind.metric.key(description)
    }

    package var description: String { "\(service):\(metric)" }

    /// What `init` has checked.
    var key: String { "metrics:\(description)" }
}
