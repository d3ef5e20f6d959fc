public import CeleryProtocol

/// Tasks that run one after the other, each with the result of the one before it as its first argument. A group with a
/// task after it becomes a chord.
public func chain(_ tasks: Signature...) throws -> Signature { try Signature.chain(tasks) }

/// The same, of a list.
public func chain(_ tasks: [Signature]) throws -> Signature { try Signature.chain(tasks) }

/// Tasks that run at the same time.
public func group(_ tasks: Signature...) -> Signature { Signature.group(tasks) }

/// The same, of a list.
public func group(_ tasks: [Signature]) -> Signature { Signature.group(tasks) }

/// Tasks that run at the same time, and one that is called with the list of their results when all have ended.
public func chord(_ header: [Signature], _ body: Signature) -> Signature { Signature.chord(header, body: body) }

extension Signature {
    /// `first | next`: a chain of the two.
    public static func | (first: Signature, next: Signature) throws -> Signature { try first.chained(with: next) }

    /// One message that runs a task for each item, one after the other.
    public static func map(_ task: Signature, _ items: [CeleryValue]) -> Signature {
        many("celery.map", "xmap", ["task": task.celeryValue, "it": .array(items)])
    }

    /// As `map`, with several arguments for each call.
    public static func starmap(_ task: Signature, _ items: [[CeleryValue]]) -> Signature {
        many("celery.starmap", "xstarmap", ["task": task.celeryValue, "it": .array(items.map(CeleryValue.array))])
    }

    /// A group of `starmap`s of at most `size` calls each.
    public static func chunks(_ task: Signature, _ items: [[CeleryValue]], of size: Int) -> Signature {
        let it = CeleryValue.array(items.map(CeleryValue.array))
        return many("celery.chunks", "chunks", ["task": task.celeryValue, "it": it, "n": .int(size)])
    }

    private static func many(_ name: String, _ type: String, _ kwargs: CeleryMap) -> Signature {
        Signature(name, kwargs: kwargs, subtaskType: type, isImmutable: true)
    }
}
