import Connections

/// What the workers know together of the partitions: a table in Redis that every worker reads and changes in one step.
///
/// Four keys, whose names share a hash tag so that a Redis Cluster keeps them together: `members` (sorted set: worker by
/// the time at which it is given up, on Redis's clock), `owners` (hash: worker by partition), `serving` (hash: the
/// partitions that a worker serves now, by worker) and `version`, which counts changes of `owners`. All expire a day
/// after the last sign of life.
package struct PartitionTable: Sendable {
    /// The table at one moment.
    package struct View: Sendable, Hashable {
        /// Workers that have given a sign of life in time.
        package var members: [String] = []
        package var assignment = PartitionAssignment()
        /// The partitions that each worker said it serves, with those that it is handing over.
        package var serving: [String: [Int]] = [:]
        package var version = 0

        package init() {}
    }

    let client: RedisClient
    private let keys: [String]
    private static let patience = Duration.seconds(2)

    package init(client: RedisClient, prefix: String, exchange: String) {
        self.client = client
        keys = ["members", "owners", "serving", "version"].map { "\(prefix){\(exchange)}:\($0)" }
    }

    private static let viewSource = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function view()
          return {redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf'), redis.call('HGETALL', KEYS[2]),
                  redis.call('HGETALL', KEYS[3]), tonumber(redis.call('GET', KEYS[4]) or '0')}
        end

        """

    private static let readScript = RedisScript(viewSource + "return view()")

    private static let beatScript = RedisScript(
        viewSource + """
            redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
            redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
            for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 86400) end
            return view()
            """
    )

    /// The members whose time is over are taken out with the change that takes their partitions from them.
    private static let assignScript = RedisScript(
        viewSource + """
            if (redis.call('GET', KEYS[4]) or '0') ~= ARGV[1] then return 0 end
            for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)) do
              redis.call('ZREM', KEYS[1], name)
              redis.call('HDEL', KEYS[3], name)
            end
            redis.call('DEL', KEYS[2])
            for index = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1]) end
            redis.call('INCR', KEYS[4])
            return 1
            """
    )

    private static let leaveScript = RedisScript(
        """
        redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('HDEL', KEYS[3], ARGV[1])
        local owners = redis.call('HGETALL', KEYS[2])
        for index = 1, #owners, 2 do
          if owners[index + 1] == ARGV[1] then redis.call('HDEL', KEYS[2], owners[index]) end
        end
        return redis.call('INCR', KEYS[4])
        """
    )

    package func read() async throws -> View { View(try await evaluate(Self.readScript, [])) }

    /// Gives a sign of life and reads the table.
    func beat(_ worker: String, expires: Duration, serving: Set<Int>) async throws -> View {
        let milliseconds = String(Int(expires / .milliseconds(1)))
        let list = serving.sorted().map(String.init).joined(separator: ",")
        return View(try await evaluate(Self.beatScript, [worker, milliseconds, list]))
    }

    /// Changes who has what, unless somebody else has changed it since the view; whether it was changed.
    func assign(_ assignment: PartitionAssignment, over view: View) async throws -> Bool {
        let pairs = assignment.owners.sorted { $0.key < $1.key }.flatMap { [String($0.key), $0.value] }
        return try await evaluate(Self.assignScript, [String(view.version)] + pairs).integer == 1
    }

    /// Takes the worker out; its partitions are free at once.
    func leave(_ worker: String) async throws { _ = try await evaluate(Self.leaveScript, [worker]) }

    private func evaluate(_ script: RedisScript, _ arguments: [String]) async throws -> RedisValue {
        try await client.evaluate(script, keys: keys, arguments: arguments, timeout: Self.patience)
    }
}

extension PartitionTable.View {
    /// Worker by partition that it serves, of those that are there; the first by name of several.
    var claims: [Int: String] {
        var claims: [Int: String] = [:]
        for (worker, partitions) in serving.sorted(by: { $0.key > $1.key }) where members.contains(worker) {
            for partition in partitions { claims[partition] = worker }
        }
        return claims
    }

    /// What is not as it should be is left out: it is then assigned anew.
    fileprivate init(_ reply: RedisValue) {
        self.init()
        let parts = reply.array ?? []
        guard parts.count == 4 else { return }
        members = (parts[0].array ?? []).compactMap(\.text)
        for (partition, owner) in Self.pairs(parts[1]) {
            if let number = Int(partition) { assignment.owners[number] = owner }
        }
        for (worker, list) in Self.pairs(parts[2]) {
            serving[worker] = list.split(separator: ",").compactMap { Int($0) }
        }
        version = parts[3].integer ?? 0
    }

    private static func pairs(_ reply: RedisValue) -> [(String, String)] {
        let texts = (reply.array ?? []).map { $0.text ?? "" }
        return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }
}
