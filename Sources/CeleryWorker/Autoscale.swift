/// When the pool grows and shrinks by itself (`--autoscale max,min`; `celery/worker/autoscale.py`).
///
/// A pure decision: it grows to the number of tasks that are here, at once, and shrinks to it when it has not grown for
/// half a minute.
public struct Autoscale: Sendable, Hashable {
    public let maximum: Int
    public let minimum: Int

    static let keepalive: Int64 = 30_000_000_000

    /// - Parameters: in any order; Celery sorts them too.
    public init(_ one: Int, _ other: Int) {
        maximum = max(1, one, other)
        minimum = max(1, min(one, other))
    }

    /// Reads `10,3`, or `10` for a minimum of one; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0.trimmed) }
        switch parts.count {
        case 1:
            guard let most = parts[0], most > 0 else { return nil }
            self.init(most, 1)
        case 2:
            guard let one = parts[0], let other = parts[1], one >= 0, other >= 0, one + other > 0 else { return nil }
            self.init(one, other)
        default: return nil
        }
    }

    /// The pool's next size; nil to leave it as it is.
    ///
    /// - Parameters:
    ///   - size: Its size now.
    ///   - tasks: Tasks that run or wait here.
    ///   - sinceGrowth: Nanoseconds since it last grew.
    func nextSize(size: Int, tasks: Int, sinceGrowth: Int64) -> Int? {
        let wanted = min(max(tasks, minimum), maximum)
        if wanted > size { return wanted }
        if wanted < size, size > maximum || sinceGrowth >= Self.keepalive { return wanted }
        return nil
    }
}
