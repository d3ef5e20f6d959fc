extension RedisConnection {
    /// Starts a round of attempts: over all addresses that the host has now.
    func beginAttempt(now: MonotonicTime) {
        let limit = now.advanced(by: options.connectTimeout)
        switch url.endpoint {
        case .unix(let path):
            untried = [.unix(path: path)]
            connectToNext(now: now)
        case .tcp(let host, let port) where HostResolver.isNumeric(host):
            untried = [.tcp(ip: host, port: port)]
            connectToNext(now: now)
        case .tcp(let host, _):
            phase = .resolving(limit)
            resolver.start(host: host)
        }
    }

    /// - Returns: Whether the resolver had finished.
    func takeAddresses(now: MonotonicTime) -> Bool {
        guard case .tcp(_, let port) = url.endpoint, let result = resolver.take() else { return false }
        switch result {
        case .success(let addresses):
            untried = addresses.map { .tcp(ip: $0, port: port) }
            connectToNext(now: now)
        case .failure(let failure):
            fail(.notConnected(endpoint: endpoint, reason: failure.reason), now: now)
        }
        return true
    }

    private func connectToNext(now: MonotonicTime) {
        guard !untried.isEmpty else { return }
        do throws(RedisSocket.Failure) {
            let socket = try RedisSocket(connectingTo: untried.removeFirst())
            phase = .connecting(socket, now.advanced(by: options.connectTimeout))
        } catch {
            failAddress(reason: error.reason, now: now)
        }
    }

    /// This address does not answer; the next one may.
    func failAddress(reason: String, now: MonotonicTime) {
        guard untried.isEmpty else { return connectToNext(now: now) }
        fail(.notConnected(endpoint: endpoint, reason: reason), now: now)
    }

    func finishConnecting(_ socket: RedisSocket, now: MonotonicTime) {
        if let failure = socket.connectionFailure { return failAddress(reason: failure.reason, now: now) }
        socket.setTCPTimeouts(limit: options.responseTimeout)
        greetingOutput.removeAll()
        greetingOutput.append(greeting.bytes)
        phase = .greeting(socket, answered: 0, now.advanced(by: options.connectTimeout))
        continueGreeting(now: now)
    }

    /// Writes what is left of the greeting and takes the answers that have come.
    func continueGreeting(now: MonotonicTime) {
        guard case .greeting(let socket, _, _) = phase else { return }
        var refusal: RedisError?
        do throws(RedisSocket.Failure) {
            _ = try greetingOutput.write(to: socket, budget: Self.budgetPerTurn)
            _ = try socket.receive { reply in
                refusal = takeGreetingAnswer(RedisValue(reply))
                return refusal == nil
            }
        } catch {
            // An answer that explains the end (too many clients, protected mode) says more than the end itself.
            refusal = refusal ?? .notConnected(endpoint: endpoint, reason: error.reason)
        }
        if let refusal { return fail(refusal, now: now) }
        guard case .greeting(_, greeting.steps.count, _) = phase else { return }
        becomeReady(socket, now: now)
    }

    private func takeGreetingAnswer(_ answer: RedisValue) -> RedisError? {
        guard case .greeting(let socket, let answered, let limit) = phase, answered < greeting.steps.count else {
            return .protocolError(endpoint: endpoint, reason: "more answers than commands")
        }
        phase = .greeting(socket, answered: answered + 1, limit)
        return greeting.failure(of: greeting.steps[answered], answer: answer)
    }

    private func becomeReady(_ socket: RedisSocket, now: MonotonicTime) {
        phase = .ready(socket, since: now)
        untried = []
        lastProgress = now
        change(to: .ready)
        flush()
    }

    /// The connection, or the attempt to get one, has failed: closes it, plans the next attempt, tells the owner.
    func fail(_ error: RedisError, now: MonotonicTime) {
        var wasReady = false
        if case .ready(_, let since) = phase {
            wasReady = true
            // A server that lets us in only to throw us out again must not be hammered.
            if now.nanoseconds(since: since) > 2_000_000_000 { backoff.reset() }
        }
        let pause: Int64
        if case .authenticationRefused = error { pause = backoff.nextLongest() } else { pause = backoff.next() }
        phase = .waiting(now.advanced(byNanoseconds: pause))
        endings += 1
        untried = []
        if wasReady {
            let lost = takeUnanswered()
            change(to: .down(error))
            report(lost)
        } else {
            change(to: .down(error))
        }
    }
}
