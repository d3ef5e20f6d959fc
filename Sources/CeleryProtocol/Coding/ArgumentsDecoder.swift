import OrderedCollections

/// Binds the arguments of a message to the stored properties of a task, as Python binds them to parameters.
///
/// A synthesized `init(from:)` asks for its keys in the order of the properties, so the i-th key asked for gets the
/// i-th positional argument, else the keyword of its name. An optional property may be left out; any other one has to
/// be given, even if it has a default value (Swift's synthesized decoding does not know defaults). Values are decoded
/// by the rules of ``CeleryDecoder``.
///
/// A type without properties takes no arguments. A type that decodes itself from a single value or an unkeyed container
/// gets the list of positional arguments, Python's `*args`; a `[String: …]` gets the keywords, Python's `**kwargs`.
public enum ArgumentsDecoder {
    /// Makes a task's value from its arguments.
    ///
    /// - Parameter taskName: names the function in errors by its last component.
    /// - Throws: ``ArgumentError`` when they do not fit, ``JSONError`` when they are not valid JSON, or what the
    ///   type's own `init(from:)` throws.
    public static func decode<T: Decodable>(
        _ type: T.Type,
        from body: TaskBody,
        taskName: String,
        limits: DecodingLimits = .init()
    ) throws -> T {
        switch body {
        case .json(let bytes, let args, let kwargs, _):
            do {
                return try JSONArguments.decode(type, bytes, args, kwargs, limits)
            } catch {
                let (args, kwargs) = try parse(bytes, args, kwargs, limits)
                return try ArgumentBinding.decode(type, args, kwargs, taskName)
            }
        case .values(let args, let kwargs, _):
            return try ArgumentBinding.decode(type, args, kwargs, taskName)
        }
    }

    /// The general path's reading of a JSON body. An empty range and null are no arguments.
    static func parse(
        _ bytes: [UInt8],
        _ args: Range<Int>,
        _ kwargs: Range<Int>,
        _ limits: DecodingLimits
    ) throws(JSONError) -> (args: [CeleryValue], kwargs: CeleryMap) {
        let positional = args.isEmpty ? .null : try JSONParser.parse(bytes, range: args, limits: limits)
        let keywords = kwargs.isEmpty ? .null : try JSONParser.parse(bytes, range: kwargs, limits: limits)
        guard positional.isNull || positional.arrayValue != nil else {
            throw JSONError("the task's arguments are not a list", offset: args.lowerBound)
        }
        guard keywords.isNull || keywords.mapValue != nil else {
            throw JSONError("the task's keyword arguments are not an object", offset: kwargs.lowerBound)
        }
        return (positional.arrayValue ?? [], keywords.mapValue ?? [:])
    }
}
