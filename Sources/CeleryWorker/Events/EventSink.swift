import CeleryProtocol
import Connections
import Synchronization

/// Where runners put what happens to tasks, and where the control thread takes it from.
///
/// It never waits and never grows beyond its bound: what comes when it is full is dropped and counted. While task
/// events are off, each call costs one atomic read.
final class EventSink: Sendable {
    /// Events for one message, in order of their clocks.
    struct Batch: Sendable {
        var routingKey = EventMessage.taskMultiKey
        /// JSON: one event, or the beginning of a list without its bracket at the end.
        var bytes: [UInt8] = []
        var count = 0
    }

    private struct State {
        var format: EventFormat
        var full: [Batch] = []
        var open = Batch()
        var count = 0
        var size = 0
        var dropped = 0
        /// A buffer that came back, to be filled again.
        var spare: [UInt8] = []
    }

    private enum Bound {
        static let events = 20_000
        static let bytes = 32 << 20
        /// Events and bytes after which another message begins.
        static let perMessage = 500
        static let messageBytes = 1 << 20
    }

    /// Whether the control thread is about to look by itself.
    let isPaced = Atomic<Bool>(true)
    /// How many events were dropped since the worker began.
    let droppedCount = Atomic<Int>(0)
    private let isOn: Atomic<Bool>
    /// Whether the worker was started with `-E`; it then always sends task events.
    private let isForced: Bool
    private let state: Mutex<State>
    private let clock: LamportClock
    private let waker: Waker

    init(format: EventFormat, clock: LamportClock, waker: Waker, isForced: Bool) {
        self.clock = clock
        self.waker = waker
        self.isForced = isForced
        isOn = Atomic(isForced)
        state = Mutex(State(format: format))
    }

    /// Whether task events are sent.
    var isEnabled: Bool { isOn.load(ordering: .relaxed) }

    /// Switches task events on; false when they were on already.
    func enable() -> Bool { !isOn.exchange(true, ordering: .relaxed) }

    /// Switches task events off; false when they were off already, or cannot be switched off.
    func disable() -> Bool { !isForced && isOn.exchange(false, ordering: .relaxed) }

    /// Changes what all events begin with.
    func use(_ format: EventFormat) { state.withLock { $0.format = format } }

    // MARK: Putting in

    /// Adds a task event if these are on.
    func add(_ id: String, _ event: @autoclosure () -> TaskEvent) {
        guard isEnabled else { return }
        let event = event()
        let isFirst = state.withLock { state in
            guard hasRoom(&state) else { return false }
            if state.open.count == Bound.perMessage || state.open.bytes.count > Bound.messageBytes { close(&state) }
            let before = state.open.bytes.count
            state.open.bytes.append(before == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            let time = WallClock.microseconds
            state.format.write(event, id: id, clock: clock.forward(), now: time, into: &state.open.bytes)
            state.open.count += 1
            state.size += state.open.bytes.count - before
            state.count += 1
            return state.count == 1
        }
        if isFirst { announce() }
    }

    /// Adds an event of any type, which travels alone; whether or not task events are on.
    func add(_ type: String, _ fields: CeleryMap) {
        let isFirst = state.withLock { state in
            guard hasRoom(&state) else { return false }
            close(&state)
            var batch = Batch(routingKey: EventMessage.routingKey(of: type), count: 1)
            let time = WallClock.microseconds
            state.format.write(type, fields: fields, clock: clock.forward(), now: time, into: &batch.bytes)
            state.size += batch.bytes.count
            state.full.append(batch)
            state.count += 1
            return state.count == 1
        }
        if isFirst { announce() }
    }

    private func hasRoom(_ state: inout State) -> Bool {
        guard state.count < Bound.events, state.size < Bound.bytes else {
            state.dropped += 1
            return false
        }
        return true
    }

    private func close(_ state: inout State) {
        guard state.open.count > 0 else { return }
        state.full.append(state.open)
        state.open = Batch(bytes: state.spare)
        state.spare = []
    }

    private func announce() {
        if !isPaced.load(ordering: .sequentiallyConsistent) { waker.wake() }
    }

    // MARK: Taking out, on the control thread

    /// Takes all that is there, and how many events had to be dropped since it was last asked.
    func take() -> (batches: [Batch], dropped: Int) {
        let (batches, dropped) = state.withLock { state in
            close(&state)
            defer {
                state.full = []
                state.count = 0
                state.size = 0
                state.dropped = 0
            }
            return (state.full, state.dropped)
        }
        droppedCount.add(dropped, ordering: .relaxed)
        return (batches, dropped)
    }

    /// Puts back what could not be sent, in front of what has come since.
    func putBack(_ batches: ArraySlice<Batch>) {
        state.withLock { state in
            state.full.insert(contentsOf: batches, at: 0)
            state.count += batches.reduce(0) { $0 + $1.count }
            state.size += batches.reduce(0) { $0 + $1.bytes.count }
        }
    }

    /// Gives a buffer back.
    func recycle(_ bytes: consuming [UInt8]) {
        guard bytes.capacity < Bound.messageBytes else { return }
        bytes.removeAll(keepingCapacity: true)
        let spare = bytes
        state.withLock { $0.spare = spare }
    }
}
