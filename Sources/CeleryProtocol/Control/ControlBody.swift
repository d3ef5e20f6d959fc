import OrderedCollections

/// Reads what control requests, replies and events have in common: properties, and a body in one of kombu's serializers.
struct ControlBody {
    let properties: BasicProperties
    let value: CeleryValue

    /// - Throws: `ControlMessageError` for malformed bytes and content types that `accept` does not name.
    init(
        properties: Range<Int>,
        body: Range<Int>,
        in bytes: [UInt8],
        accept: AcceptContent,
        limits: DecodingLimits
    ) throws(ControlMessageError) {
        do {
            self.properties = try BasicProperties(decoding: bytes, range: properties)
        } catch {
            throw ControlMessageError("its properties can't be read: \(error)")
        }
        let type = ContentType(mime: self.properties.contentType)
        guard accept.accepts(type) else { throw ControlMessageError(AcceptContent.refusal(type)) }
        guard body.count <= limits.maxBodyBytes else {
            throw ControlMessageError("its body has \(body.count) bytes, the limit is \(limits.maxBodyBytes)")
        }
        do {
            switch type {
            case .json: value = try JSONParser.parse(bytes, range: body, limits: limits)
            case .msgpack: value = try MessagePackDecoder.parse(bytes, range: body, limits: limits)
            case .yaml: value = try YAMLDecoder.parse(bytes, range: body, limits: limits)
            default: throw ControlMessageError("its content type is \(type.mime); send json")
            }
        } catch {
            throw ControlMessageError("its body can't be decoded: \(error)")
        }
    }

    /// The sender's logical clock; 0 when it has none.
    var clock: Int { properties.headers?["clock"]?.intValue ?? 0 }

    /// The properties that kombu gives to what it sends about workers: JSON, transient.
    static func properties(_ headers: CeleryMap) -> [UInt8] {
        var properties = BasicProperties()
        properties.contentType = ContentType.json.mime
        properties.contentEncoding = ContentType.json.encoding
        properties.deliveryMode = 1
        properties.priority = 0
        properties.headers = headers
        // Only texts of more than 255 bytes and unwritable headers fail; neither is among these.
        return (try? properties.encoded()) ?? []
    }
}
