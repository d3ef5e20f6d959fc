import Synchronization

/// Ends the reading of an answer when its time is over, or when nothing has come for too long.
///
/// AsyncHTTPClient's own deadline ends with the head of an answer; its body could take for ever.
final class HTTPWatch: Sendable {
    private let end: MonotonicTime
    /// In nanoseconds; `Int64.max` where only the end counts.
    private let silence: Int64
    /// When something came last, in nanoseconds of the monotonic clock.
    private let lastHeard: Atomic<Int64>

    init(timeout: Duration, silence: Duration?) {
        let now = MonotonicTime.now
        end = now.advanced(by: timeout)
        self.silence = silence?.nanoseconds ?? .max
        lastHeard = Atomic(now.nanoseconds)
    }

    /// Notes that something came.
    func heard() { lastHeard.store(MonotonicTime.now.nanoseconds, ordering: .relaxed) }

    /// Runs `work`; cancels it when the time is over.
    ///
    /// - Throws: `HTTPCall.Failure.timedOut`, or what `work` throws.
    func guarding<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await self.expire()
                return nil
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else { throw HTTPCall.Failure.timedOut }
            return result
        }
    }

    /// Returns when the time is over.
    private func expire() async throws {
        while true {
            let quiet = MonotonicTime(nanoseconds: lastHeard.load(ordering: .relaxed)).advanced(byNanoseconds: silence)
            let wait = min(end, quiet).nanoseconds(since: .now)
            guard wait > 0 else { return }
            try await Task.sleep(for: .nanoseconds(wait))
        }
    }
}
