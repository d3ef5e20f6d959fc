public import CeleryProtocol
import OrderedCollections

/// Questions to workers that change nothing (`celery/app/control.py`, `Inspect`).
///
/// Each returns what the nodes have answered, by their names; nobody is up when it is empty.
public struct InspectClient: Sendable {
    let control: ControlClient
    let options: ControlClient.Options

    /// Asks anything: a worker's own command.
    public func callAsFunction(_ command: String, arguments: CeleryMap = [:]) async throws -> CeleryMap {
        let replies = try await control.broadcast(command, arguments: arguments, options)
        return CeleryMap(replies.map { ($0.node, $0.value) }, uniquingKeysWith: { $1 })
    }

    public func ping() async throws -> CeleryMap { try await self("ping") }

    /// The tasks that run. With `safe` their arguments are texts.
    public func active(safe: Bool = false) async throws -> CeleryMap {
        try await self("active", arguments: ["safe": .bool(safe)])
    }

    /// The tasks that were fetched and wait for a slot.
    public func reserved() async throws -> CeleryMap { try await self("reserved") }

    /// The tasks whose time has not come.
    public func scheduled() async throws -> CeleryMap { try await self("scheduled") }

    /// What the workers have of these tasks.
    public func queryTask(_ ids: String...) async throws -> CeleryMap {
        try await self("query_task", arguments: ["ids": .array(ids.map { .string($0) })])
    }

    /// The tasks that the workers can run, each with the named options.
    public func registered(_ items: String..., builtins: Bool = false) async throws -> CeleryMap {
        var arguments: CeleryMap = ["taskinfoitems": .array(items.map { .string($0) })]
        if builtins { arguments["builtins"] = true }
        return try await self("registered", arguments: arguments)
    }

    public func stats() async throws -> CeleryMap { try await self("stats") }
    public func activeQueues() async throws -> CeleryMap { try await self("active_queues") }
    public func revoked() async throws -> CeleryMap { try await self("revoked") }
    public func clock() async throws -> CeleryMap { try await self("clock") }
    public func report() async throws -> CeleryMap { try await self("report") }

    /// The workers' settings under Celery's names.
    public func configuration(withDefaults: Bool = false) async throws -> CeleryMap {
        try await self("conf", arguments: ["with_defaults": .bool(withDefaults)])
    }

    public func memorySample() async throws -> CeleryMap { try await self("memsample") }

    public func memoryDump(samples: Int = 10) async throws -> CeleryMap {
        try await self("memdump", arguments: ["samples": .int(samples)])
    }
}
