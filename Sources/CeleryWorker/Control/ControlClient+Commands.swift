import CeleryProtocol
import OrderedCollections

/// The commands that every worker knows (`celery/app/control.py`, `Control`).
extension ControlClient {
    /// Which workers are up: `[{"node": {"ok": "pong"}}]`.
    public func ping(_ options: Options = Options(timeout: .seconds(1))) async throws -> [Reply] {
        try await broadcast("ping", options)
    }

    /// No worker shall run the task; with `terminate`, who runs it shall stop.
    @discardableResult
    public func revoke(
        _ id: String,
        terminate: Bool = false,
        signal: String = "SIGTERM",
        _ options: Options = Options()
    ) async throws -> [Reply] {
        try await revoke([id], terminate: terminate, signal: signal, options)
    }

    /// No worker shall run the tasks; with `terminate`, who runs them shall stop.
    @discardableResult
    public func revoke(
        _ ids: [String],
        terminate: Bool = false,
        signal: String = "SIGTERM",
        _ options: Options = Options()
    ) async throws -> [Reply] {
        let arguments: CeleryMap = [
            "task_id": .array(ids.map { .string($0) }), "terminate": .bool(terminate), "signal": .string(signal),
        ]
        return try await broadcast("revoke", arguments: arguments, options)
    }

    /// No worker shall run tasks that carry one of the stamps.
    @discardableResult
    public func revoke(
        stamped headers: [String: [String]],
        terminate: Bool = false,
        signal: String = "SIGTERM",
        _ options: Options = Options()
    ) async throws -> [Reply] {
        let stamps = headers.sorted { $0.key < $1.key }.map { name, values in
            (name, CeleryValue.array(values.map { .string($0) }))
        }
        let arguments: CeleryMap = [
            "headers": .map(CeleryMap(uniqueKeysWithValues: stamps)), "terminate": .bool(terminate),
            "signal": .string(signal),
        ]
        return try await broadcast("revoke_by_stamped_headers", arguments: arguments, options)
    }

    /// How often the task may start, e.g. `10/m`; nil for no limit.
    @discardableResult
    public func rateLimit(_ task: String, to limit: String?, _ options: Options = Options()) async throws -> [Reply] {
        let limit = limit.map(CeleryValue.string) ?? .int(0)
        return try await broadcast("rate_limit", arguments: ["task_name": .string(task), "rate_limit": limit], options)
    }

    /// How long the task may run; nil for no limit.
    @discardableResult
    public func timeLimit(
        _ task: String,
        soft: Duration? = nil,
        hard: Duration? = nil,
        _ options: Options = Options()
    ) async throws -> [Reply] {
        let arguments: CeleryMap = [
            "task_name": .string(task), "soft": soft.map { .double($0.secondsValue) } ?? .null,
            "hard": hard.map { .double($0.secondsValue) } ?? .null,
        ]
        return try await broadcast("time_limit", arguments: arguments, options)
    }

    @discardableResult
    public func enableEvents(_ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("enable_events", options)
    }

    @discardableResult
    public func disableEvents(_ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("disable_events", options)
    }

    /// Asks for a heartbeat now.
    public func heartbeat(_ options: Options = Options()) async throws {
        try await broadcast("heartbeat", options)
    }

    @discardableResult
    public func growPool(by count: Int = 1, _ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("pool_grow", arguments: ["n": .int(count)], options)
    }

    @discardableResult
    public func shrinkPool(by count: Int = 1, _ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("pool_shrink", arguments: ["n": .int(count)], options)
    }

    @discardableResult
    public func restartPool(_ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("pool_restart", options)
    }

    @discardableResult
    public func autoscale(maximum: Int, minimum: Int, _ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("autoscale", arguments: ["max": .int(maximum), "min": .int(minimum)], options)
    }

    /// Has the queue consumed as well.
    @discardableResult
    public func addConsumer(
        _ queue: String,
        exchange: String? = nil,
        exchangeType: String = "direct",
        routingKey: String? = nil,
        _ options: Options = Options()
    ) async throws -> [Reply] {
        let arguments: CeleryMap = [
            "queue": .string(queue), "exchange": exchange.map(CeleryValue.string) ?? .null,
            "exchange_type": .string(exchangeType), "routing_key": routingKey.map(CeleryValue.string) ?? .null,
        ]
        return try await broadcast("add_consumer", arguments: arguments, options)
    }

    @discardableResult
    public func cancelConsumer(_ queue: String, _ options: Options = Options()) async throws -> [Reply] {
        try await broadcast("cancel_consumer", arguments: ["queue": .string(queue)], options)
    }

    /// Ends workers warmly; they do not answer.
    public func shutdown(_ options: Options = Options()) async throws {
        try await broadcast("shutdown", options)
    }
}
