import CeleryProtocol

/// What a child says about a job that has ended.
struct PoolAnswer: Sendable {
    var job: UInt32
    var outcome: Outcome
    /// Result tuples of the tasks that it sent.
    var children: [CeleryValue]
    /// Whether a state was stored under the task's id.
    var hasStoredState: Bool
    /// Other arguments for the next try.
    var retryArguments: CeleryMap?

    private enum Kind: UInt8 {
        case succeeded = 1
        case failed
        case retry
        case rejected
        case ignored
        case interrupted
        case replaced
    }

    init(job: UInt32, outcome: Outcome, children: [CeleryValue] = [], hasStoredState: Bool = false) {
        self.job = job
        self.outcome = outcome
        self.children = children
        self.hasStoredState = hasStoredState
    }

    /// The frame, its first byte included.
    var frame: [UInt8] {
        var frame = PoolFrameWriter(PoolFrame.Report.answer.rawValue)
        frame.add(job)
        frame.add(hasStoredState)
        frame.add(children.isEmpty ? [] : JSONWriter.bytes(.array(children)))
        frame.add(retryArguments.map { JSONWriter.bytes(.map($0)) } ?? [])
        switch outcome {
        case .succeeded(let value):
            frame.add(Kind.succeeded.rawValue)
            frame.add(value)
        case .failed(let exception, let traceback):
            frame.add(Kind.failed.rawValue)
            Self.add(exception, traceback, to: &frame)
        case .retry(let delay, let exception, let traceback):
            frame.add(Kind.retry.rawValue)
            frame.add(delay.nanosecondsClamped)
            Self.add(exception, traceback, to: &frame)
        case .rejected(let rejected):
            frame.add(Kind.rejected.rawValue)
            frame.add(rejected.reason)
            frame.add(rejected.requeue)
        case .ignored: frame.add(Kind.ignored.rawValue)
        case .replaced(let signature):
            frame.add(Kind.replaced.rawValue)
            frame.add(JSONWriter.bytes(signature.celeryValue))
        // A child has no say in what comes from outside: the parent settles that itself.
        case .interrupted, .revoked, .cancelled: frame.add(Kind.interrupted.rawValue)
        }
        return frame.bytes
    }

    /// Reads a frame; nil when it is none.
    init?(_ bytes: [UInt8]) {
        var frame = PoolFrameReader(bytes)
        guard frame.byte() == PoolFrame.Report.answer.rawValue, let job = frame.uint32(),
            let hasStoredState = frame.flag(), let children = frame.content(),
            let retryArguments = frame.content(),
            let kind = frame.byte().flatMap(Kind.init), let outcome = Self.outcome(kind, &frame)
        else { return nil }
        self.job = job
        self.hasStoredState = hasStoredState
        self.outcome = outcome
        self.retryArguments = retryArguments.isEmpty ? nil : (try? JSONParser.parse(retryArguments))?.mapValue
        self.children = children.isEmpty ? [] : (try? JSONParser.parse(children))?.arrayValue ?? []
    }

    private static func outcome(_ kind: Kind, _ frame: inout PoolFrameReader) -> Outcome? {
        switch kind {
        case .succeeded: return frame.content().map(Outcome.succeeded)
        case .failed:
            guard let exception = exception(&frame), let exception, let traceback = frame.text() else { return nil }
            return .failed(exception, traceback: traceback)
        case .retry:
            guard let delay = frame.int64(), let exception = exception(&frame), let traceback = frame.text() else {
                return nil
            }
            return .retry(after: .nanoseconds(delay), exception, traceback: traceback)
        case .rejected:
            guard let reason = frame.text(), let requeue = frame.flag() else { return nil }
            return .rejected(TaskRejected(reason, requeue: requeue))
        case .ignored: return .ignored
        case .interrupted: return .interrupted
        case .replaced:
            guard let json = frame.content(), let value = try? JSONParser.parse(json) else { return nil }
            return Signature(celeryValue: value).map(Outcome.replaced)
        }
    }

    private static func add(_ exception: ExceptionRecord?, _ traceback: String, to frame: inout PoolFrameWriter) {
        frame.add(exception.map { JSONWriter.bytes($0.value) } ?? [])
        frame.add(traceback)
    }

    /// Nil inside when the frame has none.
    private static func exception(_ frame: inout PoolFrameReader) -> ExceptionRecord?? {
        guard let json = frame.content() else { return nil }
        guard !json.isEmpty else { return .some(nil) }
        guard let value = try? JSONParser.parse(json), let record = ExceptionRecord(value) else { return nil }
        return .some(record)
    }
}

extension Duration {
    /// At most 292 years.
    fileprivate var nanosecondsClamped: Int64 {
        let seconds = components.seconds
        guard abs(seconds) < 9_000_000_000 else { return seconds < 0 ? .min : .max }
        return seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
