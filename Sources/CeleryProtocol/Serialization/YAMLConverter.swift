import Foundation
import OrderedCollections
import Yams

/// Makes values of parsed YAML nodes; what aliases unfold to is counted against a budget.
struct YAMLConverter {
    let maxDepth: Int
    /// How many nodes may still be made.
    var budget: Int

    private static let prefix = "tag:yaml.org,2002:"

    mutating func value(_ node: Node, depth: Int) throws(SerializationError) -> CeleryValue {
        budget -= 1
        guard budget >= 0 else { throw SerializationError("invalid YAML: its aliases unfold to too much") }
        guard depth <= maxDepth else { throw SerializationError("invalid YAML: nested deeper than \(maxDepth)") }
        switch node {
        case .scalar(let scalar): return try Self.scalar(scalar)
        case .sequence(let sequence):
            try Self.check(sequence.tag, "seq")
            var items: [CeleryValue] = []
            for item in sequence {
                items.append(try value(item, depth: depth + 1))
            }
            return .array(items)
        case .mapping(let mapping):
            try Self.check(mapping.tag, "map")
            return .map(try map(mapping, depth: depth))
        case .alias: throw SerializationError("invalid YAML: an alias stands for nothing")
        }
    }

    /// A map; those merged in by `<<` give what it has not itself.
    private mutating func map(_ mapping: Node.Mapping, depth: Int) throws(SerializationError) -> CeleryMap {
        var map = CeleryMap()
        var merged: [CeleryMap] = []
        for (key, item) in mapping {
            guard case .scalar(let scalar) = key else {
                throw SerializationError("invalid YAML: a map's key is not a text")
            }
            let content = try value(item, depth: depth + 1)
            if scalar.style == .plain, scalar.string == "<<" {
                merged += try Self.merged(content)
            } else {
                map[try Self.key(scalar)] = content
            }
        }
        guard !merged.isEmpty else { return map }
        var all = CeleryMap()
        for other in merged {
            all.merge(other) { first, _ in first }
        }
        all.merge(map) { $1 }
        return all
    }

    private static func merged(_ value: CeleryValue) throws(SerializationError) -> [CeleryMap] {
        switch value {
        case .map(let map): return [map]
        case .array(let items):
            var maps: [CeleryMap] = []
            for case .map(let map) in items {
                maps.append(map)
            }
            guard maps.count == items.count else { fallthrough }
            return maps
        default: throw SerializationError("invalid YAML: << needs a map or a list of maps")
        }
    }

    private static func key(_ scalar: Node.Scalar) throws(SerializationError) -> String {
        guard case .bytes = try self.scalar(scalar) else { return scalar.string }
        throw SerializationError("invalid YAML: a map's key is not a text")
    }

    private static func check(_ tag: Tag, _ kind: String) throws(SerializationError) {
        let name = tag.rawValue
        guard name.isEmpty || name == "!" || name == prefix + kind else { throw unknown(name) }
    }

    private static func unknown(_ tag: String) -> SerializationError {
        SerializationError("invalid YAML: could not determine a constructor for the tag '\(tag.prefix(100))'")
    }

    private static func scalar(_ scalar: Node.Scalar) throws(SerializationError) -> CeleryValue {
        let tag = scalar.tag.rawValue
        if tag.isEmpty {
            return scalar.style == .plain ? YAMLScalar.resolve(scalar.string) : .string(scalar.string)
        }
        if tag == "!" { return .string(scalar.string) }
        guard tag.hasPrefix(prefix) else { throw unknown(tag) }
        switch tag.dropFirst(prefix.count) {
        case "str": return .string(scalar.string)
        case "null": return .null
        case "binary":
            guard let data = Data(base64Encoded: scalar.string, options: .ignoreUnknownCharacters) else {
                throw SerializationError("invalid YAML: !!binary is not base64")
            }
            return .bytes([UInt8](data))
        case "int", "float", "bool", "timestamp":
            let value = YAMLScalar.resolve(scalar.string)
            guard YAMLScalar.tag(of: value) == tag.dropFirst(prefix.count) else {
                if tag.hasSuffix("float"), let number = value.doubleValue { return .double(number) }
                throw SerializationError("invalid YAML: '\(scalar.string.prefix(40))' does not fit its tag \(tag)")
            }
            return value
        default: throw unknown(tag)
        }
    }
}
