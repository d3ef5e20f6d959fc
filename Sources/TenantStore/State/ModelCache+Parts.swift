import Connections

extension ModelCache {
    static let scripts = [publishScript]

    /// Gives the staged weights their header and puts them in their place. Its second run answers the first one's
    /// version.
    static let publishScript = RedisScript(
        """
        local head = redis.call('GETRANGE', KEYS[1], 0, 63)
        local version, writer = string.match(head, '^(%d+) plain (%x+) *\\n')
        if redis.call('EXISTS', KEYS[2]) == 0 then
          if writer == ARGV[1] then return {1, tonumber(version)} end
          return {-1, 0}
        end
        local change = 'updated'
        if not version then
          if redis.call('EXISTS', KEYS[1]) == 1 then return {-2, 0} end
          local time = redis.call('TIME')
          version = time[1] * 1000000 + time[2] - 1
          change = 'created'
        end
        local next = string.format('%.0f', version + 1)
        local line = next .. ' plain ' .. ARGV[1]
        redis.call('SETRANGE', KEYS[2], 0, line .. string.rep(' ', 63 - #line) .. '\\n')
        redis.call('RENAME', KEYS[2], KEYS[1])
        if ARGV[2] == '0' then
          redis.call('PERSIST', KEYS[1])
        else
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        redis.call('PUBLISH', KEYS[1], '{"change": "' .. change .. '", "version": ' .. next .. '}')
        return {1, tonumber(next)}
        """
    )

    func publish(
        _ model: String,
        _ key: String,
        _ staging: String,
        _ writer: String,
        _ bytes: Int,
        _ ttl: Duration?
    ) async throws(StateError) -> ModelWeights.Info {
        let arguments = [writer, StateDocuments.milliseconds(ttl)]
        var value: RedisValue
        do throws(StateError) {
            value = try await evaluate(Self.publishScript, [key, staging], arguments, key)
        } catch  where error.isUncertain && !Task.isCancelled {
            value = try await evaluate(Self.publishScript, [key, staging], arguments, key)
        }
        guard case .done(let version) = try StateReply(value, key: key) else {
            throw .redis(key: key, .lost(endpoint: "the server", reason: "it has forgotten the parts that were sent"))
        }
        return ModelWeights.Info(model: model, version: version, bytes: bytes)
    }

    /// All parts of one version; nil when it is not the stored one any more.
    func read(_ info: ModelWeights.Info, _ key: String) async throws(StateError) -> [UInt8]? {
        var data: [UInt8] = []
        data.reserveCapacity(info.bytes)
        for start in stride(from: 0, to: info.bytes, by: Self.partBytes) {
            let (version, size, part) = try await part(key, start..<min(info.bytes, start + Self.partBytes))
            guard version == info.version, size == info.bytes else { return nil }
            data += part
        }
        return data
    }

    /// A range of the weights with the version that it belongs to, and their size. The version is nil when there are
    /// none.
    func part(_ key: String, _ range: Range<Int>) async throws(StateError) -> (Int?, Int, [UInt8]) {
        let offset = Self.headerBytes
        var commands = [
            RedisCommand("GETRANGE", key: key, 0, offset - 1), RedisCommand("STRLEN", key: key),
        ]
        if !range.isEmpty {
            commands.append(
                RedisCommand("GETRANGE", key: key, offset + range.lowerBound, offset + range.upperBound - 1)
            )
        }
        let values: [RedisValue]
        do throws(RedisError) {
            values = try await client.transaction(commands, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
        if let error = values.lazy.compactMap(\.firstError).first { throw StateError.from(error, key: key) }
        let length = values[1].integer ?? 0
        guard length > 0 else { return (nil, 0, []) }
        guard length >= offset else { throw .wrongData(key: key, reason: "it is shorter than its header") }
        let (envelope, rest) = try StateEnvelope.parse((values[0].bytes ?? [])[...], key: key)
        guard rest.isEmpty else { throw .wrongData(key: key, reason: "its first line is not \(offset) bytes long") }
        return (envelope.version, length - offset, values.count > 2 ? values[2].bytes ?? [] : [])
    }

    func send(_ command: RedisCommand, _ key: String) async throws(StateError) -> RedisValue {
        do throws(RedisError) {
            return try await client.send(command, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
    }

    func evaluate(
        _ script: RedisScript,
        _ keys: [String],
        _ arguments: [String],
        _ key: String
    ) async throws(StateError) -> RedisValue {
        do throws(RedisError) {
            return try await client.evaluate(script, keys: keys, arguments: arguments, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
    }
}
