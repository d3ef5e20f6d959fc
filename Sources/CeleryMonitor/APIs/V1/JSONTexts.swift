import CeleryProtocol
import OrderedCollections

/// Short forms for endpoints that write JSON, and for its schemas.
extension CeleryValue {
    init(_ text: String?) { self = text.map(CeleryValue.string) ?? .null }
    init(_ number: Double?) { self = number.flatMap { $0.isFinite ? .double($0) : nil } ?? .null }
    init(_ number: Int?) { self = number.map(CeleryValue.int) ?? .null }

    /// A schema of an object with these members, all of which are there; a type that ends in `?` may be null.
    static func schema(_ members: [(String, String)]) -> CeleryValue {
        let properties = members.map { name, type -> (String, CeleryValue) in
            let plain = String(type.hasSuffix("?") ? type.dropLast() : type[...])
            return (name, ["type": type.hasSuffix("?") ? .array([.string(plain), "null"]) : .string(plain)])
        }
        return [
            "type": "object", "required": .array(members.map { .string($0.0) }),
            "properties": .map(CeleryMap(properties, uniquingKeysWith: { $1 })),
        ]
    }

    /// A schema of an object with one list.
    static func list(_ name: String, of items: CeleryValue, more: CeleryMap = [:]) -> CeleryValue {
        var properties: CeleryMap = [name: ["type": "array", "items": items]]
        properties.merge(more) { $1 }
        return ["type": "object", "required": [.string(name)], "properties": .map(properties)]
    }
}
