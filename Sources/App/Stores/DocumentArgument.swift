import CeleryWorker
import Connections
import TenantStore

/// One of the `documents` of a task: a text, or a map with `text`, and `id` and `metadata` if it has them.
struct DocumentArgument {
    /// The largest text, in bytes of UTF-8: what every vector store keeps.
    static let maxBytes = VectorRules.maxDocumentBytes

    let id: String
    let text: String
    let metadata: [String: VectorValue]
    private let source: CeleryValue

    /// - Parameters:
    ///   - index: Where it stands, for the error.
    ///   - task: The id of the task, of which a document without an id gets its own.
    /// - Throws: `ExceptionRecord`: a Python `ValueError` that names the place.
    init(_ value: CeleryValue, at index: Int, task: String) throws {
        func wrong(_ reason: String) -> ExceptionRecord { .valueError("documents[\(index)]: \(reason)") }
        let map: CeleryMap
        switch value {
        case .string(let text): map = ["text": .string(text)]
        case .map(let given): map = given
        default: throw wrong("must be a text, or a map with text, id and metadata, not \(value.pythonTypeName)")
        }
        if let unknown = map.keys.first(where: { !["id", "text", "metadata"].contains($0) }) {
            throw wrong("unknown key \"\(unknown.prefix(60))\"; known: text, id, metadata")
        }
        guard let text = map["text"]?.stringValue, !text.isEmpty else { throw wrong("text must be a text, not empty") }
        guard text.utf8.count <= Self.maxBytes else {
            throw wrong("its text has \(text.utf8.count) bytes, at most \(Self.maxBytes) are taken; split it")
        }
        switch map["id"] {
        case nil, .null: id = "\(task)-\(index)"
        case .string(let given) where !given.isEmpty: id = given
        default: throw wrong("id must be a text, not empty")
        }
        self.text = text
        metadata = try Self.metadata(map["metadata"], wrong)
        source = .map(map)
    }

    private static func metadata(
        _ value: CeleryValue?,
        _ wrong: (String) -> ExceptionRecord
    ) throws -> [String: VectorValue] {
        guard let value, !value.isNull else { return [:] }
        guard let map = value.mapValue else { throw wrong("metadata must be a map, not \(value.pythonTypeName)") }
        var metadata: [String: VectorValue] = [:]
        for (key, value) in map {
            guard let single = VectorValue(value) else {
                throw wrong("metadata \"\(key.prefix(60))\" must be a text, a number or a bool")
            }
            metadata[key] = single
        }
        return metadata
    }

    /// The `data` of its row.
    func row(in collection: String) -> String {
        var map = source.mapValue ?? [:]
        map["id"] = .string(id)
        map["collection"] = .string(collection)
        return String(decoding: JSONWriter.bytes(.map(map)), as: UTF8.self)
    }
}

extension VectorValue {
    /// nil for what is not a single value.
    init?(_ value: CeleryValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .bool(let flag): self = .bool(flag)
        default: return nil
        }
    }

    var celeryValue: CeleryValue {
        switch self {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .bool(let flag): .bool(flag)
        }
    }
}
