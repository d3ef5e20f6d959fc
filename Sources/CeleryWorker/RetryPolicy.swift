public import CeleryProtocol

/// When a failed task is run again, and after how long.
public struct RetryPolicy: Sendable {
    /// How often it is run again at most; nil for ever. Celery's `max_retries`.
    public var maxRetries: Int?
    public var backoff: Backoff
    /// Whether an error leads to a retry without the task's asking for it. Celery's `autoretry_for`.
    public var retries: @Sendable (any Error) -> Bool

    public init(maxRetries: Int?, backoff: Backoff, retries: @escaping @Sendable (any Error) -> Bool) {
        self.maxRetries = maxRetries
        self.backoff = backoff
        self.retries = retries
    }

    /// No automatic retry; a task that throws `context.retry()` gets 5, after 1, 2, 4, 8 and 16 seconds.
    public static let onRequest = RetryPolicy(maxRetries: 5, backoff: .exponential(), retries: { _ in false })

    /// A retry after any error but `TaskRejected` and `TaskIgnored`.
    public static func always(_ maxRetries: Int? = 5, backoff: Backoff = .exponential()) -> RetryPolicy {
        RetryPolicy(maxRetries: maxRetries, backoff: backoff, retries: { _ in true })
    }

    /// A retry after errors of one type.
    public static func on<Failure: Error>(
        _: Failure.Type,
        retries: Int? = 5,
        backoff: Backoff = .exponential()
    ) -> RetryPolicy {
        RetryPolicy(maxRetries: retries, backoff: backoff, retries: { $0 is Failure })
    }

    public static let never = RetryPolicy(maxRetries: 0, backoff: .exponential(), retries: { _ in false })

    /// How long to wait before a retry.
    public struct Backoff: Sendable, Hashable {
        /// The waits before the first, second, … retry; the last one repeats.
        public var delays: [Duration]
        /// Whether each wait is chosen evenly between half of itself and itself, so that failed tasks do not come back
        /// all at once.
        public var jitter: Bool

        public init(delays: [Duration], jitter: Bool) {
            self.delays = delays
            self.jitter = jitter
        }

        /// `first`, then twice as long each time, up to `cap`.
        public static func exponential(
            first: Duration = .seconds(1),
            cap: Duration = .seconds(16),
            jitter: Bool = true
        ) -> Backoff {
            var delays: [Duration] = []
            var delay = max(first, .milliseconds(1))
            while delay < cap, delays.count < 64 {
                delays.append(delay)
                delay *= 2
            }
            return Backoff(delays: delays + [cap], jitter: jitter)
        }

        public static func constant(_ delay: Duration, jitter: Bool = false) -> Backoff {
            Backoff(delays: [delay], jitter: jitter)
        }

        /// The wait before retry number `retry`, which counts from 0.
        ///
        /// - Parameter random: A number from 0 up to 1 that decides the jitter.
        public func delay(beforeRetry retry: Int, random: Double) -> Duration {
            guard let last = delays.last else { return .zero }
            let delay = retry < delays.count ? delays[max(0, retry)] : last
            return jitter ? delay * (0.5 + random / 2) : delay
        }
    }
}

/// A retry that a task asks for; made by `TaskContext.retry`, thrown by the task.
public struct TaskRetry: Error, Sendable {
    /// How long to wait; nil for what the task's policy says.
    public var delay: Duration?
    /// The error behind it, which the client sees; nil for none.
    public var cause: (any Error)?
    /// Overrides the policy's limit.
    public var maxRetries: Int?
    /// Other arguments for the next try; nil for the same.
    public var arguments: CeleryMap?
}
