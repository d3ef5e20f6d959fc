import Connections
import Sharding

/// A move as its servers note it in `chard.moves`.
struct MoveRecord: Sendable {
    /// Where the source's row stands.
    enum Phase: String, Sendable {
        case copying
        case switched
    }

    /// A UUID.
    let id: String
    let range: TenantRange
    let source: String
    let target: String
    let phase: Phase

    static let columns = "id, first, last, source, target, phase"

    init(id: String, range: TenantRange, source: String, target: String) {
        self.id = id
        self.range = range
        self.source = source
        self.target = target
        phase = .copying
    }

    init(_ row: PostgresRow) throws {
        id = try row.text("id")
        range = TenantRange(clamping: try row.int("first"), try row.int("last"))
        source = try row.text("source")
        target = try row.text("target")
        phase = Phase(rawValue: try row.text("phase")) ?? .copying
    }
}
