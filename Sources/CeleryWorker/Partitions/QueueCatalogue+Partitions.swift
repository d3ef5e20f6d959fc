import CeleryProtocol
import OrderedCollections

extension QueueCatalogue {
    /// All queues, those of the partitions last.
    public var allQueues: [QueueSettings] { queues + (partitions?.queues ?? []) }

    /// Whether the task goes to the partition of its agent. The task's own `queue`, and a queue's route that is its
    /// very name, win over patterns of `partitions.routes`.
    public func isPartitioned(_ task: String) -> Bool {
        guard let partitions else { return false }
        if let chosen = settings(forTask: task)?.queue { return chosen == partitions.exchange }
        if partitions.routes.contains(where: { $0.isExact && $0.text == task }) { return true }
        return partitions.routes.contains { !$0.isExact && $0.matches(task) } && !hasExactRoute(task)
    }

    /// The name of the queue that a message goes to.
    ///
    /// - Parameters:
    ///   - queue: What its sender chose; the exchange of the partitions stands for that of the agent.
    ///   - agent: Whose task it is, when the sender says so; it then goes to its partition in any case.
    ///   - headers: Custom headers of the message, where the agent may stand.
    /// - Throws: `CeleryError.noAgent` when it is to go to a partition and nothing says to which.
    func destination(
        ofTask task: String,
        queue: String?,
        agent: String?,
        headers: CeleryMap,
        kwargs: @autoclosure () -> CeleryMap
    ) throws(CeleryError) -> String {
        guard let partitions else {
            if let agent {
                throw .noAgent("sending \(task) for \(agent): there is no section `partitions` in queues.yaml")
            }
            return queue ?? self.queue(forTask: task).name
        }
        if let agent { return partitions.name(partitions.partition(of: agent)) }
        guard queue == partitions.exchange || queue == nil && isPartitioned(task) else {
            return queue ?? self.queue(forTask: task).name
        }
        let key = partitions.agentKey
        guard let agent = AgentID.text(headers[key]) ?? AgentID.text(kwargs()[key]) else {
            throw .noAgent(
                "sending \(task): it goes to the partition of its agent, but it has neither a keyword argument nor a "
                    + "header \(key) with a text or a whole number; or send it with an agent"
            )
        }
        return partitions.name(partitions.partition(of: agent))
    }
}

extension DraftArguments {
    /// The keyword arguments, parsed; empty where they cannot be.
    var keywords: CeleryMap {
        switch self {
        case .values(_, let kwargs): return kwargs
        case .json(let bytes, _, let range):
            guard !range.isEmpty, case .map(let map)? = try? JSONParser.parse(bytes, range: range) else { return [:] }
            return map
        }
    }
}
