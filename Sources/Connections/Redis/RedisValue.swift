import CHiredis

/// One reply of a Redis server (RESP2), copied out of hiredis.
package enum RedisValue: Sendable, Hashable {
    /// A missing value: a nil bulk string or a nil array.
    case null
    /// A bulk string or a status line such as `OK`.
    case string([UInt8])
    case integer(Int)
    case array([RedisValue])
    /// An error line as the server wrote it, such as `WRONGTYPE Operation against a key …`.
    case error(String)
}

extension RedisValue {
    /// The bytes of a string; `nil` for every other kind.
    package var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// A string read as UTF-8 (broken sequences become U+FFFD); `nil` for every other kind.
    package var text: String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The number of an integer reply; `nil` for every other kind.
    package var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The elements of an array; `nil` for every other kind.
    package var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// The server's error in this reply, or in the first failed element of an array (EXEC, Lua).
    package var firstError: RedisServerError? {
        switch self {
        case .error(let line): RedisServerError(line: line)
        case .array(let elements): elements.lazy.compactMap(\.firstError).first
        case .null, .string, .integer: nil
        }
    }
}

extension RedisValue {
    /// hiredis 0.14 refuses replies nested deeper than 7 arrays; newer ones allow 9.
    private static let maxDepth = 16

    /// Copies a reply; the caller still has to free it.
    init(_ reply: UnsafePointer<redisReply>, depth: Int = 0) {
        switch reply.pointee.type {
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS:
            self = .string(Self.bytes(of: reply))
        case REDIS_REPLY_INTEGER:
            self = .integer(Int(reply.pointee.integer))
        case REDIS_REPLY_ERROR:
            self = .error(String(decoding: Self.bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY where depth < Self.maxDepth:
            self = .array(Self.elements(of: reply, depth: depth))
        default:
            self = .null
        }
    }

    private static func bytes(of reply: UnsafePointer<redisReply>) -> [UInt8] {
        guard let start = reply.pointee.str else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: reply.pointee.len))
    }

    private static func elements(of reply: UnsafePointer<redisReply>, depth: Int) -> [RedisValue] {
        guard let start = reply.pointee.element else { return [] }
        return UnsafeBufferPointer(start: start, count: reply.pointee.elements).map { element in
            element.map { RedisValue(UnsafePointer($0), depth: depth + 1) } ?? .null
        }
    }
}
