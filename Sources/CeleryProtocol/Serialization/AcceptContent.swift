/// Which content types a worker reads: Celery's `accept_content`.
///
/// `application/data` and `application/text` are always accepted (kombu's `TRUSTED_CONTENT`).
public struct AcceptContent: Sendable, Hashable {
    /// MIME types.
    public let types: Set<String>
    let acceptsJSON: Bool

    /// Celery's default, `["json"]`.
    public static let json = AcceptContent(types: ["application/json"])

    private init(types: Set<String>) {
        self.types = types
        acceptsJSON = types.contains("application/json")
    }

    /// - Parameter names: kombu's serializer names or MIME types.
    /// - Throws: `UnknownSerializer` for a name that is neither.
    public init(_ names: some Sequence<String>) throws(UnknownSerializer) {
        var types: Set<String> = []
        for name in names {
            if name.utf8.contains(UInt8(ascii: "/")) {
                types.insert(name)
            } else if let type = ContentType(serializer: name) {
                types.insert(type.mime)
            } else {
                throw UnknownSerializer(name: name)
            }
        }
        self.init(types: types)
    }

    public func accepts(_ type: ContentType) -> Bool {
        switch type {
        case .json: acceptsJSON
        case .data, .other("application/text"): true
        default: types.contains(type.mime)
        }
    }

    /// kombu's text of `ContentDisallowed`.
    static func refusal(_ type: ContentType) -> String {
        "Refusing to deserialize untrusted content of type \(type.alias)"
    }
}
