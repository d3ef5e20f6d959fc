import Synchronization

/// Lets equal requests share one piece of work.
///
/// The first to ask for a key starts the work; whoever asks while it runs gets its value or error, too. Who is cancelled
/// leaves the others alone; the work is cancelled when nobody waits for it any more.
final class SingleFlight<Value: Sendable, News: Sendable>: Sendable {
    typealias Listener = @Sendable (News) -> Void
    typealias Work = @Sendable (@escaping Listener) async throws -> Value
    /// The value, and whether another's request had begun the work.
    typealias Shared = (value: Value, isShared: Bool)

    private struct Waiter {
        var continuation: CheckedContinuation<Shared, any Error>
        var listener: Listener?
        var isShared: Bool
    }

    private struct Flight {
        var number: Int
        var task: Task<Void, Never>?
        var waiters: [Int: Waiter] = [:]
        var latest: News?
    }

    private let flights = Mutex<[String: Flight]>([:])
    private let lastNumber = Atomic(0)

    /// The value of the work for `key`, begun now unless it is under way.
    ///
    /// - Parameters:
    ///   - listener: Told what the work reports, from now on; also the latest that was reported before.
    ///   - work: Gets a function by which it reports.
    func value(for key: String, listener: Listener? = nil, _ work: @escaping Work) async throws -> Shared {
        let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isNew = join(key, number, continuation, listener)
                if isNew { start(key, number, work) }
                // A cancellation from before the joining found nobody who could leave.
                if Task.isCancelled { leave(key, number) }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    /// How many pieces of work are under way.
    var count: Int { flights.withLock { $0.count } }

    /// How many wait for that key.
    func waiters(of key: String) -> Int { flights.withLock { $0[key]?.waiters.count ?? 0 } }

    /// - Returns: Whether the work is still to be started; the flight then has this waiter's number.
    private func join(
        _ key: String,
        _ number: Int,
        _ continuation: CheckedContinuation<Shared, any Error>,
        _ listener: Listener?
    ) -> Bool {
        let (isNew, latest) = flights.withLock { flights in
            let isNew = flights[key] == nil
            let waiter = Waiter(continuation: continuation, listener: listener, isShared: !isNew)
            flights[key, default: Flight(number: number)].waiters[number] = waiter
            return (isNew, flights[key]?.latest)
        }
        if let listener, let latest { listener(latest) }
        return isNew
    }

    private func start(_ key: String, _ number: Int, _ work: @escaping Work) {
        let task = Task {
            let result: Result<Value, any Error>
            do {
                result = .success(try await work { self.report($0, key, number) })
            } catch {
                result = .failure(error)
            }
            self.end(key, number, result)
        }
        flights.withLock { flights in
            if flights[key]?.number == number { flights[key]?.task = task }
        }
    }

    private func report(_ news: News, _ key: String, _ number: Int) {
        let listeners = flights.withLock { flights -> [Listener] in
            guard flights[key]?.number == number else { return [] }
            flights[key]?.latest = news
            return flights[key]?.waiters.values.compactMap(\.listener) ?? []
        }
        for listener in listeners { listener(news) }
    }

    private func end(_ key: String, _ number: Int, _ result: Result<Value, any Error>) {
        let flight = flights.withLock { flights in
            flights[key]?.number == number ? flights.removeValue(forKey: key) : nil
        }
        for waiter in flight?.waiters.values ?? [:].values {
            waiter.continuation.resume(with: result.map { ($0, waiter.isShared) })
        }
    }

    private func leave(_ key: String, _ number: Int) {
        let (left, unwanted) = flights.withLock { flights -> (Waiter?, Flight?) in
            guard let left = flights[key]?.waiters.removeValue(forKey: number) else { return (nil, nil) }
            guard flights[key]?.waiters.isEmpty == true else { return (left, nil) }
            // Who asks from now on must not get a work that is being cancelled.
            return (left, flights.removeValue(forKey: key))
        }
        unwanted?.task?.cancel()
        left?.continuation.resume(throwing: CancellationError())
    }
}
