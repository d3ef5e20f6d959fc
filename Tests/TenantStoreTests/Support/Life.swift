import Synchronization

/// The life of a process that dies at a chosen call: nothing it does after that has any effect.
final class Life: Sendable {
    struct Death: Error {}

    /// Where, in the call at which it ends, the process dies.
    enum Moment: Sendable, CaseIterable {
        case beforeTheEffect, afterTheEffect
    }

    private let left: Atomic<Int>
    private let moment: Moment
    let isEndless: Bool

    init(calls: Int = .max, _ moment: Moment = .beforeTheEffect) {
        left = Atomic(calls)
        self.moment = moment
        isEndless = calls == .max
    }

    /// How many calls were made, of an endless life.
    var calls: Int { .max - left.load(ordering: .relaxed) }

    func live<Value>(_ body: () async throws -> Value) async throws -> Value {
        let left = left.subtract(1, ordering: .relaxed).newValue
        guard left >= 0 || (left == -1 && moment == .afterTheEffect) else { throw Death() }
        let value = try await body()
        guard left >= 0 else { throw Death() }
        return value
    }
}
