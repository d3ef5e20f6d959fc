import Foundation

/// One announced change: published as JSON, `{"change": "updated", "version": 7}`, on the channel named like the key.
package struct StateChange: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case created, updated, deleted
        /// A node has added its counts to a metric.
        case counted
    }

    package var kind: StateKind
    /// The agent's, session's or model's name; of a metric `{service}:{metric_name}`.
    package var name: String
    package var change: Kind
    /// The version after the change, of what was deleted the last one; 0 for metrics.
    package var version: Int
}

extension StateChange {
    private struct Payload: Decodable {
        var change: Kind
        var version: Int?
    }

    /// Reads an announcement; nil for what is none.
    init?(kind: StateKind, channel: String, payload: [UInt8]) {
        guard let name = kind.name(inKey: channel),
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(payload))
        else { return nil }
        self.init(kind: kind, name: name, change: payload.change, version: payload.version ?? 0)
    }
}
