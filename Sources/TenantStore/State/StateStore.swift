import Connections
import Logging
import Synchronization

/// The state that all processes share in Redis: sessions, agents, models' weights, metrics, and who watches them.
///
/// One object serves a process. Connections are made when they are needed and made again when they break; calls that wait
/// meanwhile do so for ``StateOptions/timeout`` at most.
package final class StateStore: Sendable {
    package let url: RedisURL
    package let sessions: Sessions
    package let agents: Agents
    package let metrics: Metrics
    private let client: RedisClient
    private let options: StateOptions
    private let bulkClient = Mutex<RedisClient?>(nil)
    private let subscriber = Mutex<RedisSubscriber?>(nil)

    /// - Parameter node: What this process is called among those that count; see ``Metrics``.
    package init(url: RedisURL, options: StateOptions = .init(), node: String, logger: Logger) {
        self.url = url
        let onReady = ReadyHook()
        client = RedisClient(url: url, options: Self.clientOptions(options, hook: onReady))
        self.options = options
        sessions = Sessions(
            documents: StateDocuments(kind: .session, client: client, options: options, ttl: options.sessionTTL)
        )
        agents = Agents(documents: StateDocuments(kind: .agent, client: client, options: options, ttl: nil))
        metrics = Metrics(node: node, client: client, options: options, logger: logger)
        onReady.set { [weak metrics] in metrics?.redisRestarted() }
    }

    /// Over a connection of their own, made when first asked for: weights are large, and would hold up the small values
    /// behind them.
    package var models: ModelCache {
        let client = bulkClient.withLock { client in
            if let client { return client }
            let new = RedisClient(url: url, options: Self.clientOptions(options, hook: nil))
            client = new
            return new
        }
        return ModelCache(client: client, options: options)
    }

    /// Whether Redis answers, within 3 s: for health checks.
    package func ping() async throws(RedisError) {
        _ = try await client.send(RedisCommand("PING"), timeout: .seconds(3))
    }

    /// Brings the counts to Redis, as far as it answers, and ends the connections.
    package func close() async {
        try? await metrics.close()
        client.close()
        bulkClient.withLock { $0?.close() }
        subscriber.withLock { $0?.close() }
    }

    /// Follows the changes of one thing, from the moment of return: what is read after that is not older than what the
    /// stream begins with.
    ///
    /// - Parameter name: Of a metric `{service}:{metric_name}`.
    package func watch(_ kind: StateKind, _ name: String) async throws(StateError) -> StateWatch {
        let key = try kind.key(name)
        do throws(RedisError) {
            return StateWatch(kind, try await listener().subscribe(key))
        } catch {
            throw StateError.from(error, key: key)
        }
    }

    /// Follows the changes of all things of a kind, from the moment of return.
    ///
    /// - Parameter buffering: How many changes are kept for a slow reader; beyond it the oldest are lost.
    package func watchAll(_ kind: StateKind, buffering: Int = 4_096) async throws(StateError) -> StateWatch {
        do throws(RedisError) {
            return StateWatch(kind, try await listener().subscribe(pattern: kind.pattern, buffering: buffering))
        } catch {
            throw StateError.from(error, key: kind.pattern)
        }
    }

    private func listener() -> RedisSubscriber {
        subscriber.withLock { subscriber in
            if let subscriber { return subscriber }
            let new = RedisSubscriber(url: url)
            subscriber = new
            return new
        }
    }

    private static func clientOptions(_ options: StateOptions, hook: ReadyHook?) -> RedisClientOptions {
        var client = RedisClientOptions(timeout: options.timeout)
        client.connection.clientName = "chard-state"
        client.connection.scripts = hook == nil ? ModelCache.scripts : StateScripts.all + MetricScripts.all
        if let hook {
            client.onStateChange = { state in
                if case .ready = state { hook.call() }
            }
        }
        return client
    }
}

/// What is done when a connection is ready; set after the client that it is given to exists.
private final class ReadyHook: Sendable {
    private let body = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ new: @escaping @Sendable () -> Void) { body.withLock { $0 = new } }

    func call() { body.withLock { $0 }?() }
}
