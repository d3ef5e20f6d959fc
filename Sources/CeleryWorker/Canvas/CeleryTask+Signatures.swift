public import CeleryProtocol
import OrderedCollections

/// Signatures of tasks: pieces of chains, groups and chords, callbacks and errbacks.
extension CeleryTask {
    /// The task with these arguments, by their names.
    ///
    /// - Throws: what its encoding throws.
    public var s: Signature {
        get throws {
            guard case .map(let kwargs) = try CeleryEncoder().encode(self) else {
                throw CeleryError.unencodable("task \(Self.name) does not encode as keyword arguments")
            }
            return Self.signature([], kwargs)
        }
    }

    /// The same, immutable: it ignores the result of the task before it.
    public var si: Signature { get throws { try s.immutable } }

    /// The task with positional arguments; in a chain the result of the task before it goes before them.
    public static func s(_ args: CeleryValue...) -> Signature { signature(args, [:]) }

    /// The task with positional arguments that ignores the result of the task before it.
    public static func si(_ args: CeleryValue...) -> Signature { signature(args, [:]).immutable }

    /// One message that runs the task for each item, one after the other, and answers the list of results.
    public static func map(_ items: [CeleryValue]) -> Signature { .map(s(), items) }

    /// As `map`, with several arguments for each call.
    public static func starmap(_ items: [[CeleryValue]]) -> Signature { .starmap(s(), items) }

    /// A group of `starmap`s of at most `size` calls each.
    public static func chunks(_ items: [[CeleryValue]], of size: Int) -> Signature { .chunks(s(), items, of: size) }

    private static func signature(_ args: [CeleryValue], _ kwargs: CeleryMap) -> Signature {
        var signature = Signature(name, args: args, kwargs: kwargs)
        if let queue = options.queue { signature.options["queue"] = .string(queue) }
        if let ignore = options.ignoreResult { signature.options["ignore_result"] = .bool(ignore) }
        return signature
    }
}
