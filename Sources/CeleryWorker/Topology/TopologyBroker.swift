import Connections

/// What a topology needs of an AMQP connection.
///
/// A declaration asks first whether the thing is there (passive) and makes it only when it is not: what exists with
/// other arguments is used as it is found, and nobody's channel is closed by a 406.
package protocol TopologyBroker: Sendable {
    /// Makes sure that the durable exchange is there; true if it was not.
    func declareExchange(_ name: String, type: String) async throws -> Bool
    /// Makes sure that the durable queue is there; true if it was not.
    func declareQueue(_ name: String, arguments: [String: AMQPArgument]) async throws -> Bool
    /// Binds, which changes nothing when the binding exists.
    func bind(queue: String, exchange: String, routingKey: String) async throws
}

extension TopologyPlan {
    /// What `apply` did with one thing.
    package struct Step: Sendable, Hashable {
        package enum Outcome: String, Sendable, Hashable {
            case created
            case unchanged
            case failed
        }

        /// E.g. `queue inference`.
        package var subject: String
        package var outcome: Outcome
        package var detail = ""
    }

    /// Declares everything but the policies. The first failure is thrown, and what was declared stays.
    package func declare(on broker: any TopologyBroker) async throws -> [Step] {
        var steps: [Step] = []
        for exchange in exchanges {
            let isNew = try await broker.declareExchange(exchange.name, type: exchange.type)
            steps.append(Step(subject: "exchange \(exchange.name)", outcome: isNew ? .created : .unchanged))
        }
        for queue in queues {
            let isNew = try await broker.declareQueue(queue.name, arguments: queue.arguments)
            steps.append(Step(subject: "queue \(queue.name)", outcome: isNew ? .created : .unchanged))
        }
        for binding in bindings {
            try await broker.bind(queue: binding.queue, exchange: binding.exchange, routingKey: binding.routingKey)
        }
        return steps
    }

    /// Sets the policies that differ. One that the broker refuses is noted as failed, because the queues work without.
    package func setPolicies(
        through management: RabbitMQManagement,
        virtualHost: String
    ) async throws(ManagementError) -> [Step] {
        let found = try await management.policies(virtualHost: virtualHost)
        let current = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
        var steps: [Step] = []
        for policy in policies {
            let subject = "policy \(policy.name)"
            if current[policy.name] == policy {
                steps.append(Step(subject: subject, outcome: .unchanged))
                continue
            }
            do {
                try await management.put(policy, virtualHost: virtualHost)
                steps.append(Step(subject: subject, outcome: .created, detail: policy.definition.summary))
            } catch {
                steps.append(Step(subject: subject, outcome: .failed, detail: error.reason))
            }
        }
        return steps
    }
}
