import Foundation
import OrderedCollections

@testable import CeleryProtocol

/// What real Celery put on the wire; `Fixtures/control/generate.py` writes it.
struct ControlFixture: Decodable {
    struct Message: Decodable {
        let exchange: String
        let key: String
        /// Hexadecimal.
        let properties: String
        let body: String
        let type: String?
        let clock: Int?
        let ticket: String?

        /// Properties and body in one array, as they come from the broker.
        var bytes: (all: [UInt8], properties: Range<Int>, body: Range<Int>) {
            let head = propertyBytes
            let tail = Array(body.utf8)
            return (head + tail, 0..<head.count, head.count..<(head.count + tail.count))
        }

        var propertyBytes: [UInt8] {
            stride(from: 0, to: properties.count, by: 2).map { offset in
                let start = properties.index(properties.startIndex, offsetBy: offset)
                return UInt8(properties[start..<properties.index(start, offsetBy: 2)], radix: 16) ?? 0
            }
        }
    }

    let events: [Message]
    let requests: [Message]
    let replies: [Message]

    static let shared: ControlFixture = {
        guard let url = Bundle.module.url(forResource: "Fixtures/control/control", withExtension: "json"),
            let data = try? Data(contentsOf: url),
            let fixture = try? JSONDecoder().decode(ControlFixture.self, from: data)
        else { fatalError("Fixtures/control/control.json is missing; run generate.py beside it") }
        return fixture
    }()
}
