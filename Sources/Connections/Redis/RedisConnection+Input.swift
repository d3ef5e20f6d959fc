import CHiredis

extension RedisConnection {
    /// Reads what has come, up to 1 MiB, and hands over the batches that are complete.
    func receive(now: MonotonicTime) {
        guard case .ready(let socket, _) = phase else { return }
        var budget = Self.budgetPerTurn
        let endings = endings
        do throws(RedisSocket.Failure) {
            while budget > 0, endings == self.endings {
                let count = try socket.receive { reply in
                    take(reply)
                    // A handler may have dropped this connection.
                    return endings == self.endings
                }
                if count > 0 { lastProgress = now }
                // Less than a full read means that the socket is empty; poll tells when there is more.
                guard count == RedisSocket.readSize else { return }
                budget -= count
            }
        } catch {
            guard endings == self.endings else { return }
            fail(
                error.isProtocolError
                    ? .protocolError(endpoint: endpoint, reason: error.reason)
                    : .lost(endpoint: endpoint, reason: error.reason),
                now: now
            )
        }
    }

    private func take(_ reply: UnsafePointer<redisReply>) {
        if messageHandler != nil, takeMessage(reply) { return }
        guard let batch = batches.first else { return takeUnasked(RedisValue(reply)) }
        current.add(reply, of: batch)
        batches.countReply()
        guard current.count == batch.replies else { return }
        let answer = current.reply(to: batch)
        current = RedisReplyCollector()
        batches.removeFirst()
        switch batch.purpose {
        case .owner:
            if answer.firstError?.code == RedisServerError.noScript { reloadScripts() }
            handler(answer)
        case .ping: break
        case .scripts: isReloadingScripts = false
        }
    }

    /// Somebody flushed the server's scripts: they are loaded again before whatever the owner sends next.
    private func reloadScripts() {
        guard !options.scripts.isEmpty, !isReloadingScripts else { return }
        isReloadingScripts = true
        let bytes = options.scripts.flatMap(\.loadCommand.bytes)
        append(bytes, replies: options.scripts.count, purpose: .scripts)
    }

    /// A server speaks unasked only to say why it ends the connection.
    private func takeUnasked(_ value: RedisValue) {
        let error: RedisError =
            switch value {
            case .error(let line): .lost(endpoint: endpoint, reason: line)
            default: .protocolError(endpoint: endpoint, reason: "an answer to nothing")
            }
        fail(error, now: .now)
    }

    private func takeMessage(_ reply: UnsafePointer<redisReply>) -> Bool {
        guard reply.pointee.type == REDIS_REPLY_ARRAY, reply.pointee.elements >= 3 else { return false }
        guard case .array(let parts) = RedisValue(reply), case .string(let kind) = parts[0] else { return false }
        switch (String(decoding: kind, as: UTF8.self), parts.count) {
        case ("message", 3), ("smessage", 3):
            let channel = parts[1].bytes ?? []
            messageHandler?(RedisTopic(name: channel, isPattern: false), channel, parts[2].bytes ?? [])
        case ("pmessage", 4):
            let pattern = RedisTopic(name: parts[1].bytes ?? [], isPattern: true)
            messageHandler?(pattern, parts[2].bytes ?? [], parts[3].bytes ?? [])
        default:
            return false
        }
        return true
    }
}
