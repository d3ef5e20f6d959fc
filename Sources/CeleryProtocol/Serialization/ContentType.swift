/// What a message's body is, by its MIME type (kombu `kombu/serialization.py`).
public enum ContentType: Sendable, Hashable {
    case json
    case msgpack
    case yaml
    case pickle
    /// `application/data`: raw bytes, and what a message without a content type is taken for.
    case data
    /// `text/plain`.
    case text
    /// Any other MIME type.
    case other(String)

    /// The type that a `content_type` property names; empty and missing are `.data`.
    public init(mime: String?) {
        switch mime {
        case nil, "", "application/data": self = .data
        case "application/json": self = .json
        case "application/x-msgpack": self = .msgpack
        case "application/x-yaml": self = .yaml
        case "application/x-python-serialize": self = .pickle
        case "text/plain": self = .text
        case .some(let other): self = .other(other)
        }
    }

    /// The type of one of kombu's serializer names: `json`, `msgpack`, `yaml`, `pickle`, `raw`; nil if unknown.
    public init?(serializer name: String) {
        switch name {
        case "json": self = .json
        case "msgpack": self = .msgpack
        case "yaml": self = .yaml
        case "pickle": self = .pickle
        case "raw": self = .data
        default: return nil
        }
    }

    /// The MIME type, as in the `content_type` property.
    public var mime: String {
        switch self {
        case .json: "application/json"
        case .msgpack: "application/x-msgpack"
        case .yaml: "application/x-yaml"
        case .pickle: "application/x-python-serialize"
        case .data: "application/data"
        case .text: "text/plain"
        case .other(let mime): mime
        }
    }

    /// kombu's name for it, nil where kombu has registered none.
    public var serializer: String? {
        switch self {
        case .json: "json"
        case .msgpack: "msgpack"
        case .yaml: "yaml"
        case .pickle: "pickle"
        case .data, .text, .other: nil
        }
    }

    /// The `content_encoding` that kombu sends with it.
    public var encoding: String {
        switch self {
        case .json, .yaml, .text: "utf-8"
        case .msgpack, .pickle, .data, .other: "binary"
        }
    }

    /// kombu's words for it in errors: `pickle (application/x-python-serialize)`.
    var alias: String { "\(serializer ?? mime) (\(mime))" }
}
