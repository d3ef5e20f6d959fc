import OrderedCollections

/// Turns a message's payload into arguments: unpacks, checks the content type, splits or parses.
struct BodyDecoder {
    /// What a payload turned out to be.
    enum Decoded {
        /// Protocol 2's `[args, kwargs, embed]`.
        case body(TaskBody)
        /// Protocol 1's map, or a hybrid's.
        case legacy(CeleryMap)
    }

    let source: MessageSource
    let contentType: ContentType
    let accept: AcceptContent
    let limits: DecodingLimits
    let decompress: Decompress?

    init(source: MessageSource, accept: AcceptContent, limits: DecodingLimits, decompress: Decompress?) {
        self.source = source
        contentType = source.contentType
        self.accept = accept
        self.limits = limits
        self.decompress = decompress
    }

    /// Decodes the payload at `range`; `headers` say how it is compressed and whether it is protocol 2.
    func decode(_ range: Range<Int>, _ headers: TaskHeaders) throws(MessageError) -> Decoded {
        guard range.count <= limits.maxBodyBytes else {
            throw MessageError(.undecodable, "its body has \(range.count) bytes, the limit is \(limits.maxBodyBytes)")
        }
        guard accept.accepts(contentType) else {
            throw MessageError(.contentDisallowed, AcceptContent.refusal(contentType))
        }
        guard let compression = headers.compression else {
            return try decode(source.bytes, range, isTask: headers.task != nil)
        }
        let plain = try unpack(range, compression)
        return try decode(plain, 0..<plain.count, isTask: headers.task != nil)
    }

    private func unpack(_ range: Range<Int>, _ name: String) throws(MessageError) -> [UInt8] {
        guard let format = CompressionFormat(name: name) else {
            throw MessageError(.undecodable, "its compression '\(name.prefix(100))' is not known")
        }
        guard let decompress else {
            throw MessageError(.undecodable, "its compression '\(name)' can't be unpacked here")
        }
        let (ratioLimit, overflow) = range.count.multipliedReportingOverflow(by: max(1, limits.maxInflationRatio))
        // Short bodies of few, repeated bytes reach any ratio.
        let most = min(limits.maxBodyBytes, overflow ? .max : max(ratioLimit, 1 << 20))
        let plain: [UInt8]
        do {
            plain = try decompress(format, source.bytes[range], most)
        } catch {
            throw MessageError(.undecodable, "its body can't be unpacked (\(name)): \(error)")
        }
        guard plain.count <= most else {
            throw MessageError(.undecodable, "its body has \(plain.count) bytes unpacked, the limit is \(most)")
        }
        return plain
    }

    private func decode(_ bytes: [UInt8], _ range: Range<Int>, isTask: Bool) throws(MessageError) -> Decoded {
        if contentType == .json, isTask {
            do {
                if let body = try TaskBody(splitting: bytes, range, limits) { return .body(body) }
            } catch {
                throw MessageError(.undecodable, error.description)
            }
        }
        let value = try parse(bytes, range)
        if isTask, case .array(let parts) = value { return .body(try Self.body(parts)) }
        guard case .map(let map) = value, isTask ? map["args"] != nil : map["task"] != nil else {
            guard isTask else { throw MessageError(.unknownMessage, "it names no task") }
            throw MessageError(.invalid, "Task message body is not [args, kwargs, embed]")
        }
        return .legacy(map)
    }

    /// The payload as one value (kombu `loads`): only raw types look at the content encoding.
    private func parse(_ bytes: [UInt8], _ range: Range<Int>) throws(MessageError) -> CeleryValue {
        guard !range.isEmpty else { return .bytes([]) }
        do {
            switch contentType {
            case .json: return try JSONParser.parse(bytes, range: range, limits: limits)
            case .msgpack: return try MessagePackDecoder.parse(bytes, range: range, limits: limits)
            case .yaml: return try YAMLDecoder.parse(bytes, range: range, limits: limits)
            case .pickle: throw SerializationError("pickle can only be read by Python; send json, msgpack or yaml")
            case .data, .text, .other: return .bytes([UInt8](bytes[range]))
            }
        } catch {
            throw MessageError(.undecodable, "\(error)")
        }
    }

    private static func body(_ parts: [CeleryValue]) throws(MessageError) -> TaskBody {
        guard parts.count == 3 else {
            throw MessageError(.invalid, "Task message body has \(parts.count) parts, not args, kwargs and embed")
        }
        guard case .array(let args) = parts[0] else {
            throw MessageError(.invalid, "Task positional arguments must be a list")
        }
        guard case .map(let kwargs) = parts[1] else {
            throw MessageError(.invalid, "Task keyword arguments must be a mapping")
        }
        switch parts[2] {
        case .map(let embed):
            let isEmpty = embed.values.allSatisfy { $0 == .null }
            return .values(args: args, kwargs: kwargs, embed: isEmpty ? nil : embed)
        case .null, .bool(false), .int(0), .string(""), .array([]):
            return .values(args: args, kwargs: kwargs, embed: nil)
        default: throw MessageError(.invalid, "Task message embed must be a mapping")
        }
    }
}
