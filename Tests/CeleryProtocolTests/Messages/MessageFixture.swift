import CeleryProtocol
import Foundation
import OrderedCollections
import Testing

/// A message captured from real Celery by Fixtures/generate.py.
struct MessageFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let properties: [UInt8]
    let body: [UInt8]
    let fields: CeleryMap

    var testDescription: String { name }

    /// What Celery's worker makes of it.
    var expect: CeleryMap { fields["expect"]?.mapValue ?? [:] }

    /// The body as it was before compression.
    var plainBody: [UInt8]? { expect["plain_body"]?.stringValue.map(Self.bytes) }

    static let messages = load("messages.json")
    static let retries = load("retries.json")

    static func named(_ name: String) throws -> MessageFixture {
        try #require(messages.first { $0.name == name })
    }

    private static func load(_ file: String) -> [MessageFixture] {
        guard let url = Bundle.module.url(forResource: "Fixtures/\(file)", withExtension: nil),
            let data = try? Data(contentsOf: url), case .array(let list)? = try? JSONParser.parse(Array(data))
        else { return [] }
        return list.compactMap { item in
            guard let map = item.mapValue, let name = map["name"]?.stringValue,
                let properties = map["properties"]?.stringValue, let body = map["body"]?.stringValue
            else { return nil }
            return MessageFixture(name: name, properties: bytes(properties), body: bytes(body), fields: map)
        }
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.map { UInt8(Character(Unicode.Scalar($0)).hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Decodes it out of an arena that holds other bytes too.
    func decode(limits: DecodingLimits = .init()) throws(MessageError) -> TaskMessage {
        try Self.decode(properties, body, plain: plainBody, limits: limits)
    }

    static func decode(
        _ properties: [UInt8],
        _ body: [UInt8],
        plain: [UInt8]? = nil,
        limits: DecodingLimits = .init()
    ) throws(MessageError) -> TaskMessage {
        let arena = [0xff] + properties + body + [0xff]
        let bodyStart = 1 + properties.count
        let accept = (try? AcceptContent(["json", "application/x-msgpack", "yaml"])) ?? .json
        return try TaskMessage.decode(
            properties: 1..<bodyStart,
            body: bodyStart..<bodyStart + body.count,
            in: arena,
            deliveryInfo: DeliveryInfo(exchange: "", routingKey: "celery"),
            accept: accept,
            limits: limits,
            decompress: { _, packed, _ in
                struct Corrupt: Error {}
                guard let plain, Array(packed) == body else { throw Corrupt() }
                return plain
            }
        )
    }
}
