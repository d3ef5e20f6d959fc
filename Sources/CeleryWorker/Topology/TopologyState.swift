import Connections

/// What a broker has, as its management API tells.
package struct TopologyState: Sendable, Hashable {
    package var exchanges: [RabbitMQManagement.Exchange] = []
    package var queues: [RabbitMQManagement.Queue] = []
    package var bindings: [RabbitMQManagement.Binding] = []
    package var policies: [RabbitMQManagement.Policy] = []

    package init() {}

    package init(management: RabbitMQManagement, virtualHost: String) async throws(ManagementError) {
        exchanges = try await management.exchanges(virtualHost: virtualHost)
        queues = try await management.queues(virtualHost: virtualHost)
        bindings = try await management.bindings(virtualHost: virtualHost)
        policies = try await management.policies(virtualHost: virtualHost)
    }
}
