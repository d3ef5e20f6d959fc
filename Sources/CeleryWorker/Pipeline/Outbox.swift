import CeleryProtocol
import Connections
import Synchronization

/// What the runners have done, on its way to the thread that owns the connections.
///
/// Everything that piled up crosses in one batch: one Redis write, and acknowledgements that can be joined.
final class Outbox: Sendable {
    /// A message that is answered once the batch's commands have been.
    struct Item: Sendable {
        var lane: Int
        var epoch: Int
        var tag: UInt64
        var answer: SettlementPlan.Answer
    }

    struct Batch: Sendable {
        /// Redis commands, ready for the wire.
        var commands: [UInt8] = []
        var replies = 0
        var items: [Item] = []

        var isEmpty: Bool { items.isEmpty && replies == 0 }
    }

    private struct State {
        var batch = Batch()
        var stamp = DateStamp()
        var scratch: [UInt8] = []
        /// Buffers that came back, to be filled again.
        var spares: [Batch] = []
    }

    private let state = Mutex(State())
    private let results: RedisResultCommands?
    private let waker: Waker
    /// From this size on, the other thread is woken while the runner goes on.
    private static let wakeSize = 256
    /// Whether the other thread is about to look by itself.
    let isPaced = Atomic<Bool>(false)

    init(results: RedisResultCommands?, waker: Waker) {
        self.results = results
        self.waker = waker
    }

    /// Adds an answer with nothing to store.
    func append(_ item: Item) { append(item, document: nil, isFirst: false, now: 0) }

    /// Adds a settled run.
    ///
    /// - Parameters:
    ///   - document: What to store; nil for nothing.
    ///   - isFirst: Whether nothing was stored under the id so far, as far as this worker knows.
    ///   - now: Microseconds since 1970, UTC, for the date in the document.
    func append(_ item: Item, document: ResultDocument?, isFirst: Bool, now: Int64) {
        let count = state.withLock { state in
            if let document, let results {
                state.scratch.removeAll(keepingCapacity: true)
                document.write(into: &state.scratch, now: now, stamp: &state.stamp)
                state.batch.replies += results.store(
                    state.scratch,
                    id: document.taskID,
                    isFirst: isFirst && document.status == .success,
                    into: &state.batch.commands
                )
            }
            state.batch.items.append(item)
            return state.batch.items.count
        }
        if count.isMultiple(of: Self.wakeSize) { waker.wake() }
    }

    /// Lets the other thread look now, unless it does so in a moment anyway.
    func flush() {
        if !isPaced.load(ordering: .relaxed) { waker.wake() }
    }

    var isEmpty: Bool { state.withLock { $0.batch.isEmpty } }

    /// Takes what is there.
    func take() -> Batch? {
        state.withLock { state in
            guard !state.batch.isEmpty else { return nil }
            let batch = state.batch
            state.batch = state.spares.popLast() ?? Batch()
            return batch
        }
    }

    /// Gives a batch's buffers back.
    func recycle(_ batch: consuming Batch) {
        guard batch.commands.capacity < 1 << 20 else { return }
        batch.commands.removeAll(keepingCapacity: true)
        batch.items.removeAll(keepingCapacity: true)
        batch.replies = 0
        let spare = batch
        state.withLock { state in
            if state.spares.count < 4 { state.spares.append(spare) }
        }
    }
}
