import Foundation
import OrderedCollections

@testable import CeleryProtocol

/// What real Celery made of signatures; `Fixtures/canvas/generate.py` writes it. `CHARD_CANVAS_FIXTURE` names another
/// file of its making.
enum CanvasFixture {
    static func cases(_ section: String) throws -> [CeleryValue] {
        let own = ProcessInfo.processInfo.environment["CHARD_CANVAS_FIXTURE"].map { URL(fileURLWithPath: $0) }
        let url = Bundle.module.resourceURL!.appending(path: "Fixtures/canvas/canvas.json")
        let data = try Data(contentsOf: own ?? url)
        let limits = DecodingLimits(maxBodyBytes: .max, maxDepth: 1_000)
        return try JSONParser.parse([UInt8](data), limits: limits)[section]?.arrayValue ?? []
    }

    /// As text with the keys of maps in order, made ids numbered as they come, and the names of stamps sorted.
    static func canonical(_ value: CeleryValue) -> String {
        var ids: [String: String] = [:]
        return String(decoding: JSONWriter.bytes(canonical(value, &ids)), as: UTF8.self)
    }

    private static func canonical(_ value: CeleryValue, _ ids: inout [String: String]) -> CeleryValue {
        switch value {
        case .string(let text) where text.hasPrefix("~"):
            let name = ids[text] ?? "~\(ids.count + 1)"
            ids[text] = name
            return .string(name)
        case .array(let items): return .array(items.map { canonical($0, &ids) })
        case .map(let map):
            var sorted: CeleryMap = [:]
            for (key, value) in map.sorted(by: { $0.key < $1.key }) {
                let names = key == "stamped_headers" ? value.arrayValue : nil
                sorted[key] =
                    names.map { .array($0.sorted { $0.stringValue! < $1.stringValue! }) } ?? canonical(value, &ids)
            }
            return .map(sorted)
        default: return value
        }
    }
}
