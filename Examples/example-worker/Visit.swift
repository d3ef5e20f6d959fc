import CeleryWorker

/// A step of an agent's work, noted in a file: tasks of one agent come one after the other, in the order in which they
/// were sent, if they go through the partitioned exchange (`partitions:` in queues.yaml). What it does is registered
/// with it, in ExampleWorker.swift.
struct Visit: CeleryTask {
    static let name = "agents.visit"
    typealias Output = Int

    var agent_id: String
    var number: Int
    var path: String
    /// How long the step takes.
    var seconds: Double?
}

extension LineFiles {
    /// Two lines for each run: when it begins, with the partition and the worker, and when it ends.
    func note(_ visit: Visit, _ context: TaskContext) async throws -> Int {
        let step = "\(context.agentID ?? "?") \(visit.number)"
        try append("begin \(step) \(context.partition.map(String.init) ?? "-") \(context.hostname)", to: visit.path)
        if let seconds = visit.seconds { try await Task.sleep(for: .seconds(seconds)) }
        try append("end \(step)", to: visit.path)
        return visit.number
    }
}
