import OrderedCollections

/// Binds arguments on the general path, and finds the words for those that do not fit.
///
/// One binding is used by one decoding, on one thread.
final class ArgumentBinding {
    /// A parameter, in the order in which the type asked for it.
    struct Parameter {
        let name: String
        var isOptional: Bool
    }

    /// How the type takes its arguments; nothing until it has asked.
    enum Style {
        case none
        case keyed
        /// All positional arguments as one list.
        case list
        /// All keywords as one map.
        case map
    }

    let args: [CeleryValue]
    let kwargs: CeleryMap
    /// Whether missing and unfit values are replaced, so that all parameters become known.
    let isProbe: Bool
    private(set) var parameters: [Parameter] = []
    private var positions: [String: Int] = [:]
    private(set) var style = Style.none
    /// How many elements the type has read, when it reads a list one by one.
    var elementsRead: Int?

    init(args: [CeleryValue], kwargs: CeleryMap, isProbe: Bool) {
        self.args = args
        self.kwargs = kwargs
        self.isProbe = isProbe
    }

    static func decode<T: Decodable>(
        _ type: T.Type,
        _ args: [CeleryValue],
        _ kwargs: CeleryMap,
        _ taskName: String
    ) throws -> T {
        let function = taskName.split(separator: ".").last.map(String.init) ?? taskName
        let binding = ArgumentBinding(args: args, kwargs: kwargs, isProbe: false)
        let value: T
        do {
            value = try ArgumentDecoding(binding: binding).decode(type)
        } catch {
            let probe = ArgumentBinding(args: args, kwargs: kwargs, isProbe: true)
            let isComplete = (try? ArgumentDecoding(binding: probe).decode(type)) != nil
            if let reason = probe.reason(isComplete: isComplete) {
                throw ArgumentError(function: function, reason: reason)
            }
            guard let known = CeleryCodingError(error) else { throw error }
            throw ArgumentError(function: function, reason: .invalid(path: known.path, reason: known.reason))
        }
        if let reason = binding.reason(isComplete: true) { throw ArgumentError(function: function, reason: reason) }
        return value
    }

    func begin(_ style: Style) {
        if self.style == .none { self.style = style }
    }

    /// The argument of a parameter; one asked for the first time takes the next position.
    func argument(_ name: String, isOptional: Bool) -> CeleryValue? {
        let position: Int
        if let known = positions[name] {
            position = known
            if isOptional { parameters[position].isOptional = true }
        } else {
            position = parameters.count
            positions[name] = position
            parameters.append(Parameter(name: name, isOptional: isOptional))
        }
        return position < args.count ? args[position] : kwargs[name]
    }

    /// What Python would say of this call, in its order: keywords, too many, missing. `isComplete` says that the type
    /// has asked for all of its parameters.
    private func reason(isComplete: Bool) -> ArgumentError.Reason? {
        switch style {
        case .none: return isComplete ? surplus() : nil
        case .list:
            return kwargs.isEmpty ? listSurplus(isComplete: isComplete) : kwargs.keys.first.map { .unexpected($0) }
        case .map: return nil
        case .keyed: break
        }
        for name in kwargs.keys {
            guard let position = positions[name] else {
                if isComplete { return .unexpected(name) }
                continue
            }
            if position < args.count { return .multiple(name) }
        }
        if isComplete, let surplus = surplus() { return surplus }
        let missing = parameters.enumerated().filter { position, parameter in
            !parameter.isOptional && position >= args.count && kwargs[parameter.name] == nil
        }
        return missing.isEmpty ? nil : .missing(missing.map(\.element.name))
    }

    private func surplus() -> ArgumentError.Reason? {
        if style == .none, let name = kwargs.keys.first { return .unexpected(name) }
        guard args.count > parameters.count else { return nil }
        let required = parameters.filter { !$0.isOptional }.count
        return .tooMany(given: args.count, required: required, parameters: parameters.count)
    }

    /// A list that was read one by one and not to its end was too long.
    private func listSurplus(isComplete: Bool) -> ArgumentError.Reason? {
        guard isComplete, let elementsRead, elementsRead < args.count else { return nil }
        return .tooMany(given: args.count, required: elementsRead, parameters: elementsRead)
    }
}
