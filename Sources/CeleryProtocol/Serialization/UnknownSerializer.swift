/// A serializer name that is not known; kombu's `SerializerNotInstalled`.
public struct UnknownSerializer: Error, Sendable, Hashable, CustomStringConvertible {
    public let name: String

    public var description: String {
        "No encoder/decoder installed for \(name); use json, msgpack, yaml, pickle, raw or a MIME type"
    }
}
