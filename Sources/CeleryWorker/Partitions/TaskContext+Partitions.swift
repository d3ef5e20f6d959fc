extension TaskContext {
    /// Whose task it is, as `partitions.agent` says where it stands; nil when no such argument or header came along.
    public var agentID: String? {
        let key = core.configuration.catalogue.partitions?.agentKey ?? "agent_id"
        if let agent = AgentID.text(message.header(key)) { return agent }
        guard let values = try? message.body.values() else { return nil }
        return AgentID.text(values.kwargs[key])
    }

    /// The partition that the task came through; nil for one of an ordinary queue. All tasks of an agent come through
    /// the same, one after the other, on one worker until that hands the partition over.
    public var partition: Int? { run.delivery.lane.queue.partition?.number }
}
