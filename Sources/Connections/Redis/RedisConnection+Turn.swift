extension RedisConnection {
    package var interest: ReactorInterest? {
        switch phase {
        case .waiting, .resolving, .closed:
            nil
        case .connecting(let socket, _):
            ReactorInterest(descriptor: socket.descriptor, events: .write)
        case .greeting(let socket, _, _):
            ReactorInterest(descriptor: socket.descriptor, events: greetingOutput.isEmpty ? .read : [.read, .write])
        case .ready(let socket, _):
            ReactorInterest(
                descriptor: socket.descriptor,
                events: output.isEmpty || outputFailure != nil ? .read : [.read, .write]
            )
        }
    }

    package func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        advance(now: now, ready: ready)
        switch phase {
        case .waiting(let time), .resolving(let time), .connecting(_, let time), .greeting(_, _, let time): return time
        case .ready: return nextCheck(after: now)
        case .closed: return .distantFuture
        }
    }

    private func advance(now: MonotonicTime, ready: ReactorEvents) {
        switch phase {
        case .waiting(let time):
            if now >= time { beginAttempt(now: now) }
        case .resolving(let limit):
            if !takeAddresses(now: now), now >= limit {
                fail(.notConnected(endpoint: endpoint, reason: "the name server did not answer in time"), now: now)
            }
        case .connecting(let socket, let limit):
            if !ready.isEmpty {
                finishConnecting(socket, now: now)
            } else if now >= limit {
                failAddress(reason: "the server did not accept the connection in time", now: now)
            }
        case .greeting(_, _, let limit):
            if !ready.isEmpty { continueGreeting(now: now) }
            if case .greeting = phase, now >= limit {
                let reason = "the server accepted but did not answer in time"
                fail(.notConnected(endpoint: endpoint, reason: reason), now: now)
            }
        case .ready:
            if ready.contains(.read) || outputFailure != nil { receive(now: now) }
            flush()
            checkOutput(now: now)
            checkSilence(now: now)
        case .closed:
            break
        }
    }

    /// The owner may append after this turn, so the next look is never later than such a batch's time limit.
    private func nextCheck(after now: MonotonicTime) -> MonotonicTime {
        guard outputFailure == nil else { return now }
        let pause = min(options.responseTimeout.nanoseconds, options.idlePing.nanoseconds)
        let check = batches.isEmpty ? options.idlePing : options.responseTimeout
        return min(now.advanced(byNanoseconds: pause), max(now, lastProgress.advanced(by: check)))
    }

    /// Gives up a connection that takes no more bytes.
    private func checkOutput(now: MonotonicTime) {
        guard isReady, let failure = outputFailure else { return }
        // What the server said before it closed may still be there, and its answers count.
        receive(now: now)
        guard isReady else { return }
        fail(.lost(endpoint: endpoint, reason: failure.reason), now: now)
    }

    /// Asks for a sign of life when idle; gives the connection up when one is overdue.
    private func checkSilence(now: MonotonicTime) {
        guard isReady else { return }
        if batches.isEmpty {
            guard lastProgress.advanced(by: options.idlePing) <= now else { return }
            append(RedisCommand("PING").bytes, replies: 1, purpose: .ping)
            return flush()
        }
        guard lastProgress.advanced(by: options.responseTimeout) <= now else { return }
        // This thread may itself have been held up: what has arrived meanwhile counts.
        receive(now: .now)
        guard isReady, !batches.isEmpty, lastProgress.advanced(by: options.responseTimeout) <= .now else { return }
        fail(.lost(endpoint: endpoint, reason: "no answer for \(options.responseTimeout.inSeconds) s"), now: now)
    }
}
