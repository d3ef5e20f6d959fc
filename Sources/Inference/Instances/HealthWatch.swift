import Connections
import Logging

/// Keeps what is known of the instances up to date: checks them now and then, and listens for breakers that change.
struct HealthWatch: Sendable {
    let pool: InstancePool
    let interval: Duration
    /// nil: nothing to listen to.
    let redis: RedisURL?
    let channel: String
    let logger: Logger

    /// Until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await check() }
            if let redis { group.addTask { await listen(redis) } }
        }
    }

    private func check() async {
        while !Task.isCancelled {
            await pool.check()
            for member in pool.members { await member.breaker.refresh() }
            try? await Task.sleep(for: interval)
        }
    }

    private func listen(_ url: RedisURL) async {
        let subscriber = RedisSubscriber(url: url)
        defer { subscriber.close() }
        while !Task.isCancelled {
            do {
                for await _ in try await subscriber.subscribe(channel).events {
                    for member in pool.members { await member.breaker.refresh() }
                }
            } catch {
                logger.debug("breakers of other workers are not heard of: \(error)")
                try? await Task.sleep(for: interval)
            }
        }
    }
}
