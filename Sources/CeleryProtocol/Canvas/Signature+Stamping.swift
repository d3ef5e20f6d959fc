public import OrderedCollections

extension Signature {
    /// With stamps on every task of it: members of containers, bodies of chords, callbacks and errbacks as well.
    ///
    /// The same as Celery's `stamp` with a `StampingVisitor` that answers these stamps for every signature. A stamp that
    /// a task has already keeps its value, or if both are lists gets the new elements before its own.
    public func stamped(_ stamps: CeleryMap) -> Signature {
        var visitor = stamps
        visitor["stamped_headers"] = .array(stamps.keys.map(CeleryValue.string))
        return stamped(visitor, inherited: ["stamped_headers": []])
    }

    /// - Parameter inherited: the stamps of the containers that it is in.
    private func stamped(_ stamps: CeleryMap, inherited: CeleryMap) -> Signature {
        var signature = self
        switch subtaskType {
        case "chain", "group":
            let headers = Self.combined(inherited, ownStamps)
            signature.stampLinks(stamps, headers)
            signature.stampMembers("tasks", stamps, headers)
        case "chord":
            let headers = Self.combined(inherited, ownStamps)
            signature.stampLinks(stamps, headers)
            signature.stampHeader(stamps, headers)
            if let body = signature.kwargs["body"].flatMap({ Signature(celeryValue: $0) }) {
                signature.kwargs["body"] = body.stamped(stamps, inherited: headers).celeryValue
            }
        default:
            signature.stampLinks(stamps, inherited)
            let headers = Self.combined(Self.combined(inherited, stamps), ownStamps)
            signature.options.merge(headers) { $1 }
        }
        return signature
    }

    private var ownStamps: CeleryMap {
        guard case .array(let names) = options["stamped_headers"] else { return ["stamped_headers": []] }
        var stamps: CeleryMap = ["stamped_headers": .array(names)]
        for name in names.compactMap({ TaskHeaders.text($0) }) {
            stamps[name] = options[name]
        }
        return stamps
    }

    private mutating func stampLinks(_ stamps: CeleryMap, _ headers: CeleryMap) {
        for option in ["link", "link_error"] {
            guard let links = options[option], links != .null else { continue }
            let list = links.arrayValue ?? [links]
            options[option] = .array(list.map { Self.stamp($0, stamps, headers) })
        }
    }

    private mutating func stampMembers(_ key: String, _ stamps: CeleryMap, _ headers: CeleryMap) {
        guard case .array(let members) = kwargs[key] else { return }
        kwargs[key] = .array(members.map { Self.stamp($0, stamps, headers) })
    }

    /// The header as a group, as stamping leaves it; the group itself has no message, so it has no stamps.
    private mutating func stampHeader(_ stamps: CeleryMap, _ headers: CeleryMap) {
        var group = Signature.group([])
        group.kwargs["tasks"] =
            switch kwargs["header"] {
            case .array(let members)?: .array(members)
            case .map(let map)? where ["group", "chain"].contains(map["subtask_type"]?.stringValue):
                map["kwargs"]?["tasks"] ?? []
            case .map(let map)?: [.map(map)]
            default: []
            }
        group.stampMembers("tasks", stamps, headers)
        kwargs["header"] = group.celeryValue
    }

    private static func stamp(_ value: CeleryValue, _ stamps: CeleryMap, _ headers: CeleryMap) -> CeleryValue {
        Signature(celeryValue: value)?.stamped(stamps, inherited: headers).celeryValue ?? value
    }

    /// `_merge_dictionaries`: what is there stays, lists grow, maps are merged.
    private static func combined(_ stamps: CeleryMap, _ others: CeleryMap) -> CeleryMap {
        stamps.merging(others) { value, other in
            switch (value, other) {
            case (.map(let own), .map(let more)): return .map(combined(own, more))
            case (.array(let own), .array(let more)):
                return .array(own + more.filter { !own.contains($0) })
            default: return value
            }
        }
    }
}
