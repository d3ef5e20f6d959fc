import CeleryProtocol
import Connections

/// How a task's state is stored in Redis: keys, expiry, and the guard that a SUCCESS is never overwritten.
///
/// Celery reads the key first and drops the write when a SUCCESS is there (`celery/backends/base.py`, `_store_result`);
/// that has a gap between reading and writing. Here it is one atomic command: a script, or, for the first state of a
/// task and a SUCCESS, `SET … NX`, which costs Redis half as much. Where `NX` finds something, the script decides.
struct RedisResultCommands: Sendable {
    static let taskPrefix = "celery-task-meta-"

    /// What stands before every key.
    let prefix: String
    /// The key is also the channel on which waiting clients listen.
    private let keyPrefix: [UInt8]
    /// Seconds; nil for ever.
    let expiry: Int?
    private let expiryArgument: [UInt8]

    private static let set = RESPWriter.encoded("SET")
    private static let notExisting = RESPWriter.encoded("NX")
    private static let seconds = RESPWriter.encoded("EX")
    private static let publish = RESPWriter.encoded("PUBLISH")

    /// - Parameter expires: How long a state is kept; nil for ever.
    init(keyPrefix: String, expires: Duration?) {
        // `global_keyprefix` gets a `_` unless it ends in a separator (celery/backends/base.py, _add_global_keyprefix).
        let separated = keyPrefix.isEmpty || ":_-.".contains(keyPrefix.suffix(1))
        prefix = separated ? keyPrefix : keyPrefix + "_"
        self.keyPrefix = Array((prefix + Self.taskPrefix).utf8)
        expiry = expires.map { max(1, Int($0.components.seconds)) }
        expiryArgument = expiry.map { RESPWriter.encoded(String($0)) } ?? []
    }

    func key(of id: String) -> String { String(decoding: keyPrefix, as: UTF8.self) + id }

    /// Writes the commands that store a document and tell those who wait.
    ///
    /// - Returns: How many replies they get.
    func store(_ document: [UInt8], id: String, isFirst: Bool, into commands: inout [UInt8]) -> Int {
        guard isFirst else {
            commands += storeCommand(document[...], key: Array(key(of: id).utf8)[...]).bytes
            return 1
        }
        RESPWriter.begin(expiry == nil ? 4 : 6, into: &commands)
        commands.append(contentsOf: Self.set)
        RESPWriter.append(prefix: keyPrefix, id, into: &commands)
        RESPWriter.append(document, into: &commands)
        commands.append(contentsOf: Self.notExisting)
        if expiry != nil {
            commands.append(contentsOf: Self.seconds)
            commands.append(contentsOf: expiryArgument)
        }
        RESPWriter.begin(3, into: &commands)
        commands.append(contentsOf: Self.publish)
        RESPWriter.append(prefix: keyPrefix, id, into: &commands)
        RESPWriter.append(document, into: &commands)
        return 2
    }

    /// The same states again, this time all by the script; nil if they already are.
    func guarded(_ commands: [UInt8]) -> (commands: [UInt8], replies: Int)? {
        var result: [UInt8] = []
        var replies = 0
        var hasFirst = false
        for command in RESPReader.commands(in: commands) {
            if command[0].elementsEqual("PUBLISH".utf8) {
                result += storeCommand(command[2], key: command[1]).bytes
                replies += 1
            } else if command[0].elementsEqual("SET".utf8) {
                hasFirst = true
            } else {
                RESPWriter.begin(command.count, into: &result)
                for argument in command { RESPWriter.append(argument, into: &result) }
                replies += 1
            }
        }
        return hasFirst ? (result, replies) : nil
    }

    /// One atomic command that stores a state unless a SUCCESS is there, and publishes what then is stored.
    func storeCommand(_ document: ArraySlice<UInt8>, key: ArraySlice<UInt8>) -> RedisCommand {
        RedisCommand(
            evaluate: Self.storeScript,
            keys: [Array(key)],
            arguments: [Array(document), String(expiry ?? 0)]
        )
    }

    static let storeScript = RedisScript(
        """
        local stored = redis.call('GET', KEYS[1])
        if stored and string.sub(stored, 1, 20) == '{"status": "SUCCESS"' then
          redis.call('PUBLISH', KEYS[1], stored)
          return 0
        end
        if tonumber(ARGV[2]) > 0 then
          redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
        else
          redis.call('SET', KEYS[1], ARGV[1])
        end
        redis.call('PUBLISH', KEYS[1], ARGV[1])
        return 1
        """
    )

    /// Answers whether a message that was delivered before may be run: the number of this start, counted from 2;
    /// 0 when the task has succeeded, and -1 when its next try was sent.
    static let startScript = RedisScript(
        """
        local stored = redis.call('GET', KEYS[1])
        if stored and string.sub(stored, 1, 20) == '{"status": "SUCCESS"' then return 0 end
        if redis.call('EXISTS', KEYS[3]) == 1 then return -1 end
        local starts = redis.call('INCR', KEYS[2])
        redis.call('EXPIRE', KEYS[2], ARGV[1])
        return starts + 1
        """
    )

    func startsKey(id: String, retries: Int) -> String { "chard-starts-\(id).\(retries)" }
    func retriedKey(id: String, retries: Int) -> String { "chard-retried-\(id).\(retries)" }
}
