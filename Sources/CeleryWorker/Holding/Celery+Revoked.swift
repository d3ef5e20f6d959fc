import Connections
import Foundation

extension Celery {
    /// Whether the workers' shared list names the task as revoked; nil without Redis, where each worker has its own.
    package func isRevoked(_ id: String) async throws -> Bool? {
        guard let results else { return nil }
        let key = results.commands.globalPrefix + "chard-revoked"
        let answer = try await results.client.send(RedisCommand("ZSCORE", key: key, id))
        return answer.text.flatMap(Double.init).map { $0 > Date().timeIntervalSince1970 } ?? false
    }
}
