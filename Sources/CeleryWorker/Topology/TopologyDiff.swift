import Connections

/// What differs between a plan and a broker. It only tells; nothing is deleted or changed by it.
package struct TopologyDiff: Sendable, Hashable {
    package struct Difference: Sendable, Hashable, CustomStringConvertible {
        package enum Kind: String, Sendable, Hashable {
            /// `chard topology apply` makes it.
            case missing
            /// It exists with other properties and is used as it is.
            case different
            /// It is Chard's and no longer wanted; to be deleted by hand.
            case leftover
        }

        package var kind: Kind
        /// E.g. `queue inference`.
        package var subject: String
        package var detail: String

        package init(_ kind: Kind, _ subject: String, _ detail: String = "") {
            self.kind = kind
            self.subject = subject
            self.detail = detail
        }

        package var description: String { "\(kind.rawValue) \(subject)" + (detail.isEmpty ? "" : ": \(detail)") }
    }

    package private(set) var differences: [Difference] = []

    package var isEmpty: Bool { differences.isEmpty }

    package init(plan: TopologyPlan, found: TopologyState) {
        let queues = Dictionary(found.queues.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
        compareExchanges(plan, found)
        for queue in plan.queues { compare(queue, queues[queue.name]) }
        compareBindings(plan, found)
        comparePolicies(plan, found, queues)
    }

    private mutating func add(_ kind: Difference.Kind, _ subject: String, _ detail: String = "") {
        differences.append(Difference(kind, subject, detail))
    }

    private mutating func compareExchanges(_ plan: TopologyPlan, _ found: TopologyState) {
        for exchange in plan.exchanges {
            let subject = "exchange \(exchange.name)"
            guard let existing = found.exchanges.first(where: { $0.name == exchange.name }) else {
                add(.missing, subject)
                continue
            }
            if existing.type != exchange.type {
                add(
                    .different,
                    subject,
                    "its type is \(existing.type), not \(exchange.type); clients that declare it fail"
                )
            }
            if !existing.durable { add(.different, subject, "it is not durable: it is gone when the broker restarts") }
        }
    }

    private mutating func compare(_ queue: TopologyPlan.Queue, _ found: RabbitMQManagement.Queue?) {
        let subject = "queue \(queue.name)"
        guard let found else {
            add(.missing, subject, queue.deadLettersOf.map { "dead letters of \($0) would be lost" } ?? "")
            return
        }
        if !found.durable { add(.different, subject, "it is not durable: messages are gone when the broker restarts") }
        if found.autoDelete { add(.different, subject, "it is deleted with its last consumer") }
        if found.exclusive == true { add(.different, subject, "it belongs to one connection only") }
        let wanted = queue.arguments.mapValues { JSONValue($0) }
        let existing = found.declaredArguments
        guard wanted != existing else { return }
        add(.different, subject, "it has the arguments \(existing.summary), the settings say \(wanted.summary)")
    }

    private mutating func compareBindings(_ plan: TopologyPlan, _ found: TopologyState) {
        for binding in plan.bindings {
            let exists = found.bindings.contains {
                $0.source == binding.exchange && $0.destination == binding.queue && $0.destinationType == "queue"
                    && $0.routingKey == binding.routingKey
            }
            if !exists {
                add(.missing, "binding \(binding.exchange) → \(binding.queue)", "routing key \(binding.routingKey)")
            }
        }
    }

    private mutating func comparePolicies(
        _ plan: TopologyPlan,
        _ found: TopologyState,
        _ queues: [String: RabbitMQManagement.Queue]
    ) {
        for policy in plan.policies {
            let subject = "policy \(policy.name)"
            let queue = String(policy.name.dropFirst(TopologyPlan.policyPrefix.count))
            let existing = found.policies.first { $0.name == policy.name }
            if let existing {
                if existing != policy {
                    add(.different, subject, "it says \(existing.definition.summary), not \(policy.definition.summary)")
                }
            } else {
                add(.missing, subject, policy.definition.summary)
            }
            guard let found = queues[queue], let ruling = found.policy, ruling != policy.name else { continue }
            let lacking = policy.definition.filter { found.effectivePolicy[$0.key] != $0.value }
            guard !lacking.isEmpty else { continue }
            add(
                .different,
                "queue \(queue)",
                "policy \(ruling) rules it instead of \(policy.name), and lacks \(lacking.summary)"
            )
        }
        let wanted = Set(plan.policies.map(\.name))
        for policy in found.policies
        where policy.name.hasPrefix(TopologyPlan.policyPrefix) && !wanted.contains(policy.name) {
            add(
                .leftover,
                "policy \(policy.name)",
                "rabbitmqctl clear_policy \(policy.name), if no other worker needs it"
            )
        }
    }
}

extension JSONValue {
    init(_ argument: AMQPArgument) {
        switch argument {
        case .string(let value): self = .string(value)
        case .integer(let value): self = .integer(Int(value))
        case .long(let value): self = .integer(Int(value))
        case .bool(let value): self = .bool(value)
        case .table(let values): self = .object(values.mapValues { JSONValue($0) })
        }
    }
}

extension RabbitMQManagement.Queue {
    /// Its arguments as a client must declare them. `x-queue-type: classic` is what RabbitMQ assumes without one.
    package var declaredArguments: [String: JSONValue] {
        arguments.filter { !($0.key == "x-queue-type" && $0.value == .string("classic")) }
    }
}
