import CeleryProtocol
import Connections
import Foundation
import Logging
import OrderedCollections
import Synchronization

/// Remote control, events, heartbeats and neighbours, on the thread that owns their connection.
///
/// Each part has a channel of its own, so that an error of one closes no other; a part that cannot be had is tried again
/// while the others go on. The order of a turn: answer requests, heartbeat, task events.
final class ControlLoop: ReactorSource {
    /// What has a channel of its own; the raw value is its number.
    enum Part: UInt16, CaseIterable {
        case inbox = 1
        case events
        case replies
        case mingle
        case gossip
    }

    private enum Pace {
        /// Task events are looked for that often under load, in nanoseconds.
        static let events: Int64 = 5_000_000
        /// From how many events on a turn counts as load.
        static let load = 8
    }

    let core: WorkerCore
    let session: AMQPSession
    let gossip: Gossip
    let mingle: Mingle
    var channels = ControlChannels()
    /// Reply exchanges that were declared on this connection.
    var declared: Set<String> = []
    /// Whether the broker takes no messages now.
    var isBlocked = false
    private let eventProperties: [UInt8]
    private var nextBeat = MonotonicTime(nanoseconds: 0)
    private var isOnline = false
    private var nextFlush = MonotonicTime(nanoseconds: 0)
    private var nextDropReport = MonotonicTime(nanoseconds: 0)
    private var unreported = 0

    init(core: WorkerCore, session: AMQPSession) {
        self.core = core
        self.session = session
        gossip = Gossip(core)
        mingle = Mingle(core)
        eventProperties = EventMessage.properties(hostname: core.nodename)
        session.delegate = self
    }

    var interest: ReactorInterest? { session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        var deadline = session.turn(now: now, ready: ready)
        guard let connection = session.connection else { return deadline }
        do throws(AMQPError) {
            // A broker that takes no messages reads nothing else either: nothing that it would answer can be asked.
            if !isBlocked {
                for part in channels.due(now) { try open(part, on: connection) }
                deadline = min(deadline, channels.nextAttempt, try mingle.turn(now, self, connection))
            }
            for request in core.control.takeRequests() { try carryOut(request, on: connection) }
            deadline = min(deadline, try beat(now, connection), gossip.turn(now))
            deadline = min(deadline, try sendEvents(now, connection))
        } catch {
            session.lose(error)
            return now
        }
        return deadline
    }

    /// The last act: everything that is left, and that the worker is gone.
    func shutDown() {
        if let connection = session.connection {
            _ = try? flushEvents(on: connection)
            if isOnline { try? publish("worker-offline", heartbeat, on: connection) }
        }
        core.control.isListening.store(false, ordering: .relaxed)
        session.close()
    }

    /// A new connection begins with nothing.
    func reset() {
        channels = ControlChannels()
        declared = []
        isBlocked = false
        isOnline = false
        nextBeat = MonotonicTime(nanoseconds: 0)
        core.control.isListening.store(false, ordering: .relaxed)
        core.events.isPaced.store(true, ordering: .sequentiallyConsistent)
    }

    private func carryOut(_ request: ControlPlane.Request, on connection: AMQPConnection) throws(AMQPError) {
        switch request {
        case .event(let type, let fields): try publish(type, fields, on: connection)
        case .election(let id, let topic, let action):
            guard core.configuration.worker.gossip else { return }
            gossip.begin(id)
            try publish(
                "worker-elect",
                ["id": .string(id), "topic": .string(topic), "action": action, "cver": 1],
                on: connection
            )
        }
    }

    // MARK: Heartbeats

    /// `worker-online` first, then a heartbeat every interval (`celery/worker/heartbeat.py`).
    private func beat(_ now: MonotonicTime, _ connection: AMQPConnection) throws(AMQPError) -> MonotonicTime {
        let settings = core.configuration.worker
        guard settings.heartbeat else { return .distantFuture }
        guard now >= nextBeat else { return nextBeat }
        guard channels.isOpen(.events), !isBlocked else { return now.advanced(by: .milliseconds(250)) }
        core.events.use(core.eventFormat)
        try publish(isOnline ? "worker-heartbeat" : "worker-online", heartbeat, on: connection)
        isOnline = true
        nextBeat = now.advanced(by: settings.heartbeatInterval)
        return nextBeat
    }

    private var heartbeat: CeleryMap {
        let processed = core.celery.registry.all.reduce(0) { $0 + $1.acceptedCount.load(ordering: .relaxed) }
        let fields: CeleryMap = [
            "freq": .double(core.configuration.worker.heartbeatInterval.secondsValue),
            "active": .int(core.running.count), "processed": .int(processed), "loadavg": Machine.loadAverage,
        ]
        return fields.merging(SoftwareInfo.fields) { $1 }
    }

    // MARK: Events

    /// Publishes a worker event at once.
    func publish(_ type: String, _ fields: CeleryMap, on connection: AMQPConnection) throws(AMQPError) {
        var bytes: [UInt8] = []
        let now = WallClock.microseconds
        core.eventFormat.write(type, fields: fields, clock: core.clock.forward(), now: now, into: &bytes)
        try publish(EventSink.Batch(routingKey: EventMessage.routingKey(of: type), bytes: bytes), on: connection)
    }

    private func publish(_ batch: EventSink.Batch, on connection: AMQPConnection) throws(AMQPError) {
        guard channels.isOpen(.events), !isBlocked else { return }
        try connection.publish(
            exchange: EventMessage.exchange,
            routingKey: batch.routingKey,
            mandatory: false,
            properties: eventProperties,
            body: batch.bytes,
            channel: Part.events.rawValue
        )
    }

    /// Sends the task events that have piled up: at once when there are few, else at a pace.
    private func sendEvents(_ now: MonotonicTime, _ connection: AMQPConnection) throws(AMQPError) -> MonotonicTime {
        guard channels.isOpen(.events), !isBlocked else {
            core.events.isPaced.store(true, ordering: .sequentiallyConsistent)
            return .distantFuture
        }
        guard now >= nextFlush else { return nextFlush }
        core.events.isPaced.store(false, ordering: .sequentiallyConsistent)
        let count = try flushEvents(on: connection)
        reportDropped(now)
        guard count >= Pace.load else { return .distantFuture }
        core.events.isPaced.store(true, ordering: .sequentiallyConsistent)
        nextFlush = now.advanced(byNanoseconds: Pace.events)
        return nextFlush
    }

    @discardableResult
    private func flushEvents(on connection: AMQPConnection) throws(AMQPError) -> Int {
        let (batches, dropped) = core.events.take()
        unreported += dropped
        for (index, batch) in batches.enumerated() {
            var batch = batch
            if batch.routingKey == EventMessage.taskMultiKey { batch.bytes.append(UInt8(ascii: "]")) }
            do throws(AMQPError) {
                try publish(batch, on: connection)
            } catch {
                core.events.putBack(batches[index...])
                throw error
            }
            core.events.recycle(batch.bytes)
        }
        return batches.reduce(0) { $0 + $1.count }
    }

    private func reportDropped(_ now: MonotonicTime) {
        guard unreported > 0, now >= nextDropReport else { return }
        core.logger.warning(
            "\(unreported) task events were dropped, because the broker did not take them; monitors know less"
        )
        unreported = 0
        nextDropReport = now.advanced(by: .seconds(1))
    }
}
