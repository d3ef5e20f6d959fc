import CeleryProtocol
import OrderedCollections
import Synchronization

/// Passes events on to those who read `/api/events`; each has a bounded store, and learns what did not fit in it.
final class EventStream: Sendable {
    /// Events that wait for one reader at most.
    static let capacity = 1000
    /// Bytes of one text of an event at most; what is longer is cut.
    static let maxText = 2048
    /// Readers at the same time at most.
    static let maxReaders = 100

    final class Reader: Sendable {
        /// nil: nothing happened for a while, which is worth a sign of life.
        let events: AsyncStream<NamedEvent?>
        fileprivate let filter: EventFilter
        fileprivate let continuation: AsyncStream<NamedEvent?>.Continuation
        fileprivate let missed = Mutex(0)

        fileprivate init(_ filter: EventFilter, capacity: Int) {
            self.filter = filter
            (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
        }

        func pulse() { continuation.yield(nil) }

        /// How many did not fit since the last call.
        func takeMissed() -> Int {
            missed.withLock { missed in
                defer { missed = 0 }
                return missed
            }
        }
    }

    private let readers = Mutex<[ObjectIdentifier: Reader]>([:])
    private let capacity: Int

    init(capacity: Int = EventStream.capacity) { self.capacity = capacity }

    /// Nil: there are too many already. The reader is let go when its stream ends.
    func read(_ filter: EventFilter) -> Reader? {
        let reader = Reader(filter, capacity: capacity)
        let id = ObjectIdentifier(reader)
        let isFull = readers.withLock { readers in
            guard readers.count < Self.maxReaders else { return true }
            readers[id] = reader
            return false
        }
        guard !isFull else { return nil }
        reader.continuation.onTermination = { [weak self] _ in self?.readers.withLock { $0[id] = nil } }
        return reader
    }

    func stop(_ reader: Reader) {
        reader.continuation.finish()
    }

    var readerCount: Int { readers.withLock { $0.count } }

    func send(_ events: [NamedEvent]) {
        let readers = readers.withLock { Array($0.values) }
        for reader in readers {
            for event in events where reader.filter.takes(event) {
                if case .dropped = reader.continuation.yield(event.cut(Self.maxText)) {
                    reader.missed.withLock { $0 += 1 }
                }
            }
        }
    }
}

extension NamedEvent {
    /// With texts of that many bytes at most: what waits for a slow reader is memory.
    fileprivate func cut(_ limit: Int) -> NamedEvent {
        var short = self
        for (key, value) in event {
            switch value {
            case .string(let text) where text.utf8.count > limit:
                short.event[key] = .string(String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…")
            case .array, .map: if "\(value)".utf8.count > limit { short.event[key] = "…" }
            default: break
            }
        }
        return short
    }
}
