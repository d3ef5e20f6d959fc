/// One command, encoded when it is made.
///
/// `RedisCommand("SET", key: "greeting", "hello", "EX", 60)`, `RedisCommand("PING")`. The key is labelled, so that a
/// cluster client knows which node a command belongs to without a table of commands.
package struct RedisCommand: Sendable, Hashable {
    /// The command's name, for error texts.
    package let name: String
    /// The whole command in RESP.
    package let bytes: [UInt8]
    private let keyRange: Range<Int>?

    /// The key that decides where the command goes; `nil` for one that any server can answer.
    package var key: ArraySlice<UInt8>? { keyRange.map { bytes[$0] } }

    /// A command without a key.
    package init(_ name: String, _ arguments: any RedisArgument...) {
        self.init(name, before: [], key: nil, arguments)
    }

    /// A command whose first argument is its key.
    package init(_ name: String, key: any RedisArgument, _ arguments: any RedisArgument...) {
        self.init(name, before: [], key: key, arguments)
    }

    /// A command whose arguments are only known at run time.
    package init(_ name: String, key: (any RedisArgument)? = nil, arguments: [any RedisArgument]) {
        self.init(name, before: [], key: key, arguments)
    }

    /// A command with several keys, such as MGET or DEL. All must live on one node of a cluster.
    package init(_ name: String, keys: [any RedisArgument], _ arguments: any RedisArgument...) {
        self.init(name, before: [], key: keys.first, Array(keys.dropFirst()) + arguments)
    }

    /// EVALSHA of a script that the connection has loaded.
    package init(evaluate script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument]) {
        self.init("EVALSHA", before: [script.sha1, keys.count], key: keys.first, Array(keys.dropFirst()) + arguments)
    }

    /// EVAL: the script's source goes with the call.
    package init(evaluateSource script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument]) {
        self.init("EVAL", before: [script.source, keys.count], key: keys.first, Array(keys.dropFirst()) + arguments)
    }

    private init(
        _ name: String,
        before: [any RedisArgument],
        key: (any RedisArgument)?,
        _ after: [any RedisArgument]
    ) {
        var buffer: [UInt8] = []
        RESPWriter.begin(1 + before.count + (key == nil ? 0 : 1) + after.count, into: &buffer)
        RESPWriter.append(name, into: &buffer)
        for argument in before { argument.writeRESP(into: &buffer) }
        var range: Range<Int>?
        if let key {
            let start = buffer.count
            key.writeRESP(into: &buffer)
            let lineEnd = buffer[start...].firstIndex(of: 10) ?? start
            range = (lineEnd + 1)..<(buffer.count - 2)
        }
        for argument in after { argument.writeRESP(into: &buffer) }
        self.name = name
        self.bytes = buffer
        self.keyRange = range
    }
}
