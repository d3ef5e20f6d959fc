public import CeleryProtocol
public import OrderedCollections

/// Options of signatures, in the manner of `add.s(2, 2).set(queue="x")`. Each returns a changed copy.
extension Signature {
    /// With options of `apply_async`; those left out stay as they are.
    ///
    /// - Parameters:
    ///   - id: The task's id.
    ///   - eta: Not before this time; `countdown` not before that much time has passed since it is sent.
    ///   - expires: Not run when it has waited longer.
    ///   - priority: 0 to 255, higher first.
    public func set(
        id: String? = nil,
        queue: String? = nil,
        countdown: Duration? = nil,
        eta: Timestamp? = nil,
        expires: Duration? = nil,
        priority: UInt8? = nil,
        softTimeLimit: Duration? = nil,
        hardTimeLimit: Duration? = nil,
        ignoreResult: Bool? = nil,
        serializer: String? = nil,
        compression: String? = nil,
        shadow: String? = nil,
        headers: CeleryMap? = nil
    ) -> Signature {
        let new: [(String, CeleryValue?)] = [
            ("task_id", id.map(CeleryValue.string)),
            ("queue", queue.map(CeleryValue.string)),
            ("countdown", countdown.map(Self.seconds)),
            ("eta", eta.map { .string($0.iso) }),
            ("expires", expires.map(Self.seconds)),
            ("priority", priority.map { .int(Int($0)) }),
            ("soft_time_limit", softTimeLimit.map(Self.seconds)),
            ("time_limit", hardTimeLimit.map(Self.seconds)),
            ("ignore_result", ignoreResult.map(CeleryValue.bool)),
            ("serializer", serializer.map(CeleryValue.string)),
            ("compression", compression.map(CeleryValue.string)),
            ("shadow", shadow.map(CeleryValue.string)),
            ("headers", headers.map(CeleryValue.map)),
        ]
        return set(CeleryMap(new.compactMap { name, value in value.map { (name, $0) } }) { $1 })
    }

    /// With options by Celery's names, such as `routing_key` or `app_id`.
    public func set(_ options: CeleryMap) -> Signature {
        var signature = self
        signature.options.merge(options) { $1 }
        return signature
    }

    /// Calls `callback` with the result; of a group with that of its first task, of a chord with its body's.
    ///
    /// - Throws: `CanvasError` for a container that cannot be read or has no task to link to.
    public func onSuccess(_ callback: Signature) throws -> Signature { try linked(to: callback) }

    /// Calls `errback` when it fails: with the failed task, the exception and the traceback, or with the id alone.
    ///
    /// - Throws: `CanvasError` for a container that cannot be read.
    public func onError(_ errback: Signature) throws -> Signature { try linkedOnError(to: errback) }

    /// The same, ignoring the result of what comes before. Of a group all tasks do, of a chord those of its header.
    public var immutable: Signature {
        var signature = self
        let members = ["group": "tasks", "chord": "header"][subtaskType ?? ""]
        guard let members else {
            signature.isImmutable = true
            return signature
        }
        switch kwargs[members] {
        case .array(let tasks):
            signature.kwargs[members] = .array(tasks.map { Signature(celeryValue: $0)?.immutable.celeryValue ?? $0 })
        case .map(let group)?:
            signature.kwargs[members] = Signature(celeryValue: .map(group))?.immutable.celeryValue ?? .map(group)
        default: break
        }
        return signature
    }

    /// Whole seconds as an integer, as Python programs give them.
    private static func seconds(_ duration: Duration) -> CeleryValue {
        let (seconds, rest) = duration.components
        return rest == 0 ? .int(Int(seconds)) : .double(Double(seconds) + Double(rest) / 1e18)
    }
}
