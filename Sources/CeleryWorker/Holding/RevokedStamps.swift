import CeleryProtocol
import DequeModule

/// Stamped headers whose tasks are revoked (`celery/worker/state.py`, revoked_stamps). They do not expire; of too many
/// the oldest go.
struct RevokedStamps: Sendable {
    struct Stamp: Sendable, Hashable {
        var header: String
        var value: CeleryValue
    }

    private let limit: Int
    private var values: [String: Set<CeleryValue>] = [:]
    private var order: Deque<Stamp> = []

    init(limit: Int) { self.limit = max(1, limit) }

    var isEmpty: Bool { values.isEmpty }
    var all: [Stamp] { Array(order) }

    mutating func insert(_ stamp: Stamp) {
        let value = stamp.value.asPythonCompares
        guard values[stamp.header, default: []].insert(value).inserted else { return }
        order.append(stamp)
        guard order.count > limit, let oldest = order.popFirst() else { return }
        values[oldest.header]?.remove(oldest.value.asPythonCompares)
        if values[oldest.header]?.isEmpty == true { values[oldest.header] = nil }
    }

    /// The first of a message's stamps that is revoked: its own value, or one of the list that it is
    /// (`celery/worker/request.py`, revoked). `1234` and `"1234"` are not the same.
    func match(names: [String], stamps: CeleryMap) -> Stamp? {
        for name in names {
            guard let revoked = values[name], let stamp = stamps[name], stamp != .null else { continue }
            let candidates = stamp.arrayValue ?? [stamp]
            if let found = candidates.first(where: { revoked.contains($0.asPythonCompares) }) {
                return Stamp(header: name, value: found)
            }
        }
        return nil
    }
}

extension CeleryValue {
    /// One form for what is equal in Python: `1 == 1.0 == True`.
    fileprivate var asPythonCompares: CeleryValue {
        switch self {
        case .bool(let flag): .int(flag ? 1 : 0)
        case .double(let number): Int(exactly: number).map(CeleryValue.int) ?? self
        case .array(let list): .array(list.map(\.asPythonCompares))
        default: self
        }
    }
}
