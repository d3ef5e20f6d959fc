import CeleryProtocol
import OrderedCollections

/// `celery.chord_unlock`: looks again and again whether all tasks of a chord's header have ended, and then sends the
/// body. Senders whose result backend cannot count parts send it; Redis can.
struct ChordUnlock {
    static let options = TaskOptions(
        retry: RetryPolicy(maxRetries: nil, backoff: .constant(.seconds(1)), retries: { _ in false }),
        ignoreResult: true
    )

    private let context: TaskContext
    private let group: String
    private let body: Signature
    private let parts: [ResultTuple]
    private let interval: Duration?
    private let maxRetries: Int?

    init(_ context: TaskContext) throws {
        let names = ["group_id", "callback", "interval", "max_retries", "result"]
        let arguments = try BuiltinArguments("celery.chord_unlock", names, context)
        self.context = context
        group = try arguments.text("group_id")
        body = try arguments.signature("callback")
        parts = try arguments.list("result").compactMap(ResultTuple.init(celeryValue:))
        interval = arguments["interval"]?.doubleValue.map { .seconds(max(0, $0)) }
        maxRetries = arguments["max_retries"]?.intValue
    }

    /// - Throws: `TaskRetry` while a task has not ended, and MaxRetriesExceededError when it has looked often enough.
    func run() async throws {
        guard let results = context.core.results else { throw CeleryError.noResultBackend(group) }
        let header = CanvasResult(ResultTuple(id: group, children: parts), results: results)
        guard try await header.isReady() else { return try await tryAgain() }
        let values: CeleryValue
        do {
            values = try await header.value(timeout: .seconds(3))
        } catch let failure as TaskFailure {
            let repr = failure.exception?.pythonRepr ?? failure.state.rawValue
            return try await fail(
                ChordFailure(text: "Dependency \(failure.id) raised \(repr)", cause: failure.exception)
            )
        }
        do {
            try await context.send(body, args: [values])
        } catch let error as CanvasError {
            try await fail(ChordFailure(text: "Callback error: \(error)", cause: error.exceptionRecord))
        }
    }

    private func tryAgain() async throws {
        if let maxRetries, context.retries >= maxRetries {
            let exception = ExceptionRecord.maxRetriesExceeded(
                task: "celery.chord_unlock",
                id: context.id,
                arguments: context.message.argsRepr,
                keywords: context.message.kwargsRepr
            )
            let reason = "chord_unlock could not be retried: \(exception.pythonRepr)"
            try await fail(ChordFailure(text: reason, cause: exception))
            throw exception
        }
        throw context.retry(after: interval)
    }

    private func fail(_ failure: ChordFailure) async throws {
        let place = Signature(
            "celery.chord_unlock",
            options: ["chord": body.celeryValue, "group_id": .string(group), "task_id": .string(context.id)]
        )
        guard let membership = ChordMembership(place) else { return }
        context.logger.error("Chord \(group) raised: \(failure.exception.pythonRepr)")
        let cause = MessageInHand(delivery: context.run.delivery, message: context.message)
        try await context.core.fail(membership, failure, cause)
    }
}
