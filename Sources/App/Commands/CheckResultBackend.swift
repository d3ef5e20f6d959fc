import CeleryWorker
import Connections

/// Gathers what `chard check` wants to know of Redis.
enum CheckResultBackend {
    static func findings(_ settings: ResultBackendSettings) async -> [SettingsCheck.Finding] {
        if settings.isRPC {
            return [.init(.note, "result backend", "rpc://: results go to their senders' own queues and nowhere else")]
        }
        guard let url = settings.url else {
            return [.init(.note, "result backend", "none: results are not stored, and nobody can wait for one")]
        }
        let client = RedisClient(url: url)
        defer { client.close() }
        do {
            let info = try await client.send(RedisCommand("INFO"), timeout: min(settings.timeout, .seconds(5)))
            guard let text = info.text else {
                return [.init(.problem, "result backend", "\(url): its answer to INFO is not Redis's")]
            }
            return SettingsCheck.redis(info: text, expires: settings.expires)
        } catch {
            return [.init(.problem, "result backend", "\(url): \(error)")]
        }
    }
}
