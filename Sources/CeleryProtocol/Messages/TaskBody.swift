public import OrderedCollections

/// The arguments of a task, not yet parsed where that can be avoided.
///
/// A JSON body is only split into its parts; bodies of other serializers, and odd ones, are parsed values.
public enum TaskBody: Sendable {
    /// Ranges of the raw body: `args` with its brackets, `kwargs` with its braces (empty range for `{}`), and `embed`,
    /// which is nil when everything in it is null.
    case json(bytes: [UInt8], args: Range<Int>, kwargs: Range<Int>, embed: Range<Int>?)
    case values(args: [CeleryValue], kwargs: CeleryMap, embed: CeleryMap?)

    /// The arguments, parsed.
    ///
    /// - Throws: `JSONError` if a kombu envelope in them is of an unknown type or broken; all else was checked before.
    public func values(limits: DecodingLimits = .init()) throws(JSONError) -> (args: [CeleryValue], kwargs: CeleryMap) {
        switch self {
        case .values(let args, let kwargs, _): return (args, kwargs)
        case .json(let bytes, let args, let kwargs, _):
            guard case .array(let list) = try JSONParser.parse(bytes, range: args, limits: limits) else {
                throw JSONError("the positional arguments are not a list", offset: args.lowerBound)
            }
            guard !kwargs.isEmpty else { return (list, [:]) }
            guard case .map(let map) = try JSONParser.parse(bytes, range: kwargs, limits: limits) else {
                throw JSONError("the keyword arguments are not a map", offset: kwargs.lowerBound)
            }
            return (list, map)
        }
    }

    /// Callbacks, errbacks, chain and chord.
    ///
    /// - Throws: `JSONError` as `values` does.
    public var embed: Embed {
        get throws(JSONError) {
            switch self {
            case .values(_, _, let embed): return embed.map(Embed.init) ?? Embed()
            case .json(_, _, _, nil): return Embed()
            case .json(let bytes, _, _, let range?):
                // The depth was checked when the message was decoded.
                let limits = DecodingLimits(maxBodyBytes: .max, maxDepth: .max)
                guard case .map(let map) = try JSONParser.parse(bytes, range: range, limits: limits) else {
                    return Embed()
                }
                return Embed(map)
            }
        }
    }

    /// Whether there is something to do after the task: a callback, an errback, a chain or a chord.
    public var hasEmbed: Bool {
        switch self {
        case .values(_, _, let embed): embed != nil
        case .json(_, _, _, let embed): embed != nil
        }
    }
}
