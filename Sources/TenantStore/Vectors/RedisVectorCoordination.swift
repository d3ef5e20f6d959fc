import Connections
import Foundation

/// The state of the layout, and the holds, in Redis under `chard:vectors:…`. Time is Redis's own, so that clocks of
/// workers may differ.
package struct RedisVectorCoordination: VectorCoordination {
    private let client: RedisClient
    private let prefix: String
    private static let now = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

    /// `prefix` begins every key.
    package init(client: RedisClient, prefix: String = "chard:vectors:") {
        self.client = client
        self.prefix = prefix
    }

    private static let stateScript = RedisScript(
        now + """
            redis.call('HSETNX', KEYS[1], 'in_force', ARGV[1])
            local v = redis.call('HMGET', KEYS[1], 'in_force', 'pending', 'starts_at')
            return {v[1], v[2] or '', math.max(0, (tonumber(v[3] or 0)) - now)}
            """
    )

    package func state(adopting layout: VectorLayout) async throws -> VectorLayoutState {
        let reply = try await run(Self.stateScript, [prefix + "layout"], [try Self.text(layout)]).array ?? []
        guard reply.count == 3, let inForce = reply[0].bytes, let pending = reply[1].bytes,
            let wait = reply[2].integer
        else { throw unreadable("the answer has another form") }
        return VectorLayoutState(
            inForce: try decoded(inForce),
            pending: pending.isEmpty ? nil : try decoded(pending),
            startsIn: .milliseconds(wait)
        )
    }

    private static let announceScript = RedisScript(
        now + """
            local v = redis.call('HMGET', KEYS[1], 'in_force', 'pending')
            if v[1] ~= ARGV[1] then return 0 end
            if v[2] then return v[2] == ARGV[2] and 1 or 0 end
            redis.call('HSET', KEYS[1], 'pending', ARGV[2], 'starts_at', string.format('%.0f', now + ARGV[3]))
            return 1
            """
    )

    package func announce(
        _ pending: VectorLayout,
        after inForce: VectorLayout,
        delay: Duration
    ) async throws -> Bool {
        let arguments: [any RedisArgument] = [try Self.text(inForce), try Self.text(pending), delay.milliseconds]
        return try await run(Self.announceScript, [prefix + "layout"], arguments).integer == 1
    }

    private static let finishScript = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'pending') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'in_force', ARGV[1])
        redis.call('HDEL', KEYS[1], 'pending', 'starts_at')
        return 1
        """
    )

    package func finish(_ pending: VectorLayout) async throws -> Bool {
        try await run(Self.finishScript, [prefix + "layout"], [try Self.text(pending)]).integer == 1
    }

    private static let beginWriteScript = RedisScript(
        now + """
            if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
            redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), ARGV[1])
            redis.call('PEXPIRE', KEYS[2], ARGV[2] * 2)
            return 1
            """
    )

    package func beginWrite(_ collection: String, token: String, lease: Duration) async throws -> Bool {
        try await run(Self.beginWriteScript, keys(collection), [token, lease.milliseconds]).integer == 1
    }

    package func endWrite(_ collection: String, token: String) async {
        _ = try? await client.send(RedisCommand("ZREM", key: keys(collection)[1], token))
    }

    private static let beginMoveScript = RedisScript(
        now + """
            local owner = redis.call('GET', KEYS[1])
            if owner and owner ~= ARGV[1] then return -1 end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
            return redis.call('ZCARD', KEYS[2])
            """
    )

    package func beginMove(_ collection: String, token: String, lease: Duration) async throws -> Int? {
        let reply = try await run(Self.beginMoveScript, keys(collection), [token, lease.milliseconds])
        guard let busy = reply.integer else { throw unreadable("the answer has another form") }
        return busy < 0 ? nil : busy
    }

    package func holdsMove(_ collection: String, token: String) async throws -> Bool {
        do {
            return try await client.send(RedisCommand("GET", key: keys(collection)[0])).text == token
        } catch {
            throw unreadable("\(error)")
        }
    }

    package func endMove(_ collection: String, token: String) async {
        await release(keys(collection)[0], token)
    }

    private static let holdScript = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """
    )

    package func holdRebalance(token: String, lease: Duration) async throws -> Bool {
        try await run(Self.holdScript, [prefix + "rebalance"], [token, lease.milliseconds]).integer == 1
    }

    package func releaseRebalance(token: String) async {
        await release(prefix + "rebalance", token)
    }
}

extension RedisVectorCoordination {
    private static let releaseScript = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
    )

    /// An attempt that fails leaves the lease to run out.
    private func release(_ key: String, _ token: String) async {
        _ = try? await client.evaluate(Self.releaseScript, keys: [key], arguments: [token])
    }

    /// The mover's hold, and the writers with the time at which each lapses. In braces what a cluster hashes, so that
    /// both are on one node.
    private func keys(_ collection: String) -> [String] {
        ["\(prefix){\(collection)}:mover", "\(prefix){\(collection)}:writers"]
    }

    private func run(
        _ script: RedisScript,
        _ keys: [String],
        _ arguments: [any RedisArgument]
    ) async throws -> RedisValue {
        do {
            return try await client.evaluate(script, keys: keys, arguments: arguments)
        } catch .cancelled {
            throw CancellationError()
        } catch {
            throw unreadable("\(error)")
        }
    }

    private static func text(_ layout: VectorLayout) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(layout), as: UTF8.self)
    }

    private func decoded(_ bytes: [UInt8]) throws -> VectorLayout {
        do {
            return try JSONDecoder().decode(VectorLayout.self, from: Data(bytes))
        } catch {
            throw unreadable("\(prefix)layout is not a layout")
        }
    }

    private func unreadable(_ reason: String) -> VectorError {
        VectorError(.stateUnreachable, "the layout of the vector stores can't be read: \(reason)")
    }
}

extension Duration {
    var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
