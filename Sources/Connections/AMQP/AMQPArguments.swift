import CRabbitMQ

/// An argument of a declaration or a consumer, of the types that every client reads alike.
package enum AMQPArgument: Sendable, Hashable {
    case string(String)
    case integer(Int32)
    case long(Int64)
    case bool(Bool)
    case table([String: AMQPArgument])
}

/// Builds librabbitmq tables whose memory lives as long as this object.
final class AMQPTableBuilder {
    private var pool = amqp_pool_t()

    init() { init_amqp_pool(&pool, 4096) }
    deinit { empty_amqp_pool(&pool) }

    func table(_ arguments: [String: AMQPArgument]) -> amqp_table_t {
        guard !arguments.isEmpty else { return amqp_empty_table }
        let size = arguments.count * MemoryLayout<amqp_table_entry_t>.stride
        guard let memory = amqp_pool_alloc(&pool, size) else { return amqp_empty_table }
        let entries = memory.bindMemory(to: amqp_table_entry_t.self, capacity: arguments.count)
        for (index, (key, argument)) in arguments.sorted(by: { $0.key < $1.key }).enumerated() {
            entries[index] = amqp_table_entry_t(key: bytes(key), value: value(argument))
        }
        return amqp_table_t(num_entries: Int32(arguments.count), entries: entries)
    }

    private func value(_ argument: AMQPArgument) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch argument {
        case .string(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = bytes(text)
        case .integer(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I32.rawValue)
            field.value.i32 = number
        case .long(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = number
        case .bool(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .table(let entries):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(entries)
        }
        return field
    }

    private func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            var copy = amqp_bytes_t()
            amqp_pool_alloc_bytes(&pool, utf8.count, &copy)
            if let target = copy.bytes, let source = utf8.baseAddress {
                target.copyMemory(from: source, byteCount: utf8.count)
            }
            return copy
        }
    }
}

extension String {
    /// Lends the text to a C call; the pointer is good only inside `body`.
    func withAMQPBytes<Result>(_ body: (amqp_bytes_t) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { utf8 in
            body(amqp_bytes_t(len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
        }
    }

    init(_ bytes: amqp_bytes_t) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len),
            as: UTF8.self
        )
    }
}

extension [UInt8] {
    func withAMQPBytes<Result>(_ body: (amqp_bytes_t) -> Result) -> Result {
        withUnsafeBytes { buffer in
            body(amqp_bytes_t(len: buffer.count, bytes: UnsafeMutableRawPointer(mutating: buffer.baseAddress)))
        }
    }
}
