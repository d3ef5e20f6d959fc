import Connections

extension Celery {
    /// Whether the workers' shared list names the task as revoked; nil without Redis, where each worker has its own.
    package func isRevoked(_ id: String) async throws -> Bool? {
        guard let results else { return nil }
        let command = RedisCommand("ZSCORE", key: RevocationStore.idsKey(results), id)
        let expires = try await results.client.send(command).text.flatMap(Double.init)
        return expires.map { $0 > WallClock.seconds } ?? false
    }
}
