import CeleryProtocol
import Connections

extension RevocationStore {
    private static let idsPerCall = 500

    /// Stores REVOKED for the tasks that have neither begun nor ended, so that who waits for them learns of it
    /// (`celery/worker/control.py`, _revoke). Every worker does so; the first has done it for all.
    func markRevoked(_ ids: [String]) async throws {
        for start in stride(from: 0, to: ids.count, by: Self.idsPerCall) {
            let part = ids[start..<min(start + Self.idsPerCall, ids.count)]
            let documents = part.map { Self.document($0) }
            _ = try await results.client.evaluate(
                Self.markScript,
                keys: part.map { results.commands.key(of: $0) },
                arguments: [String(results.commands.expiry ?? 0)] + documents as [any RedisArgument]
            )
        }
    }

    private static func document(_ id: String) -> [UInt8] {
        var stamp = DateStamp()
        return ResultDocument(
            taskID: id,
            status: .revoked,
            result: JSONWriter.bytes(ExceptionRecord.taskRevoked("revoked").value),
            children: nil
        ).bytes(now: WallClock.microseconds, stamp: &stamp)
    }

    /// A state that is final, or that says that the task runs, is left alone.
    private static let markScript = RedisScript(
        """
        local untouched = { PENDING = true, RECEIVED = true, RETRY = true, REJECTED = true }
        local count = 0
        for index, key in ipairs(KEYS) do
          local stored = redis.call('GET', key)
          local state = 'PENDING'
          if stored then
            state = string.match(stored, '^{"status": "([^"]+)"') or cjson.decode(stored)['status']
          end
          if untouched[state] then
            if tonumber(ARGV[1]) > 0 then
              redis.call('SETEX', key, ARGV[1], ARGV[index + 1])
            else
              redis.call('SET', key, ARGV[index + 1])
            end
            redis.call('PUBLISH', key, ARGV[index + 1])
            count = count + 1
          end
        end
        return count
        """
    )
}
