/// A Redis client for any task: calls from everywhere share one connection and are pipelined.
///
/// While there is no connection, calls wait for one until their time is up. A call that had been sent when the
/// connection broke throws `lost`: whether to repeat it is the caller's decision. Calls that one task makes one after
/// the other are carried out in that order. Not for commands that block on the server (BLPOP, WAIT): they would hold up
/// everybody's calls.
package final class RedisClient: Sendable {
    package let url: RedisURL
    private let options: RedisClientOptions
    private let inbox: RedisInbox<RedisCall>
    private let reactor: Reactor?

    /// A client with a thread of its own. It connects at once; nothing is thrown when the server is away.
    package init(url: RedisURL, options: RedisClientOptions = .init()) {
        let inbox = RedisInbox<RedisCall>(limit: options.maxWaitingCalls)
        self.url = url
        self.options = options
        self.inbox = inbox
        reactor = Reactor(name: "chard-redis") { waker in
            [RedisClientSource(url: url, options: options, inbox: inbox, waker: waker)]
        }
    }

    /// A client whose connection lives on a reactor that the caller makes; calls wait until `makeSource` was called
    /// there.
    package init(unattachedTo url: RedisURL, options: RedisClientOptions = .init()) {
        self.url = url
        self.options = options
        inbox = RedisInbox(limit: options.maxWaitingCalls)
        reactor = nil
    }

    deinit { close() }

    /// Makes the connection of an unattached client. To be called once, on the reactor's thread.
    package func makeSource(waker: Waker) -> any ReactorSource {
        RedisClientSource(url: url, options: options, inbox: inbox, waker: waker)
    }

    /// Ends the connection; waiting and later calls throw `closed`. Returns at once.
    package func close() {
        inbox.close()
        reactor?.stop()
    }

    /// Sends one command.
    ///
    /// - Parameter timeout: For this call; the client's default if `nil`.
    /// - Throws: `RedisError`; a server's error reply as `.server`.
    package func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
        let values = try await call(command.name, command.bytes, replies: 1, timeout: timeout)
        return try values.first.orThrow()
    }

    /// Sends commands in one go. Others' commands do not come between them, but they are no transaction.
    ///
    /// - Returns: One reply per command; a command that failed has an `.error`.
    package func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        let name = commands.count == 1 ? commands[0].name : "\(commands.count) commands"
        return try await call(name, Self.join(commands), replies: commands.count, timeout: timeout)
    }

    /// Sends commands between MULTI and EXEC: all are carried out, with nothing in between, or none.
    ///
    /// - Returns: One reply per command, as EXEC gives them: one that failed while running has an `.error`.
    /// - Throws: `.server` when a command was refused before EXEC; then none was carried out.
    package func transaction(
        _ commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        let bytes = Self.join([RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")])
        let replies = try await call("MULTI", bytes, replies: commands.count + 2, timeout: timeout)
        switch replies.last {
        case .array(let values): return values
        case .null: throw .transactionAborted
        default:
            // EXECABORT only says that something was refused; the refusal itself says what.
            let refusal = replies.lazy.compactMap(\.firstError).first
            guard let refusal else { throw unexpected("EXEC was not answered by an array") }
            throw .server(refusal)
        }
    }

    /// Runs a script by its digest, or by its source if the server does not know it (any more).
    package func evaluate(
        _ script: RedisScript,
        keys: [any RedisArgument] = [],
        arguments: [any RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        do throws(RedisError) {
            return try await send(
                RedisCommand(evaluate: script, keys: keys, arguments: arguments),
                timeout: timeout
            )
        } catch .server(let error) where error.code == RedisServerError.noScript {
            return try await send(
                RedisCommand(evaluateSource: script, keys: keys, arguments: arguments),
                timeout: timeout
            )
        }
    }

    private func call(
        _ name: String,
        _ bytes: [UInt8],
        replies: Int,
        timeout: Duration?
    ) async throws(RedisError) -> [RedisValue] {
        let waiter = RedisWaiter(limit: timeout ?? options.timeout)
        return try await waiter.wait {
            switch inbox.put(RedisCall(name: name, bytes: bytes, replies: replies, waiter: waiter)) {
            case nil: break
            case .closed: waiter.finish(.failure(.closed))
            case .full: waiter.finish(.failure(.tooManyCalls(limit: options.maxWaitingCalls)))
            }
        }
    }

    private func unexpected(_ reason: String) -> RedisError {
        .protocolError(endpoint: url.endpointDescription, reason: reason)
    }

    private static func join(_ commands: [RedisCommand]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(commands.reduce(0) { $0 + $1.bytes.count })
        for command in commands { bytes += command.bytes }
        return bytes
    }
}

extension RedisValue? {
    fileprivate func orThrow() throws(RedisError) -> RedisValue {
        switch self {
        case .error(let line): throw .server(RedisServerError(line: line))
        case let value: return value ?? .null
        }
    }
}
