import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// Listens to the other workers' events: keeps the logical clock, knows who is alive, and holds elections
/// (`celery/worker/consumer/gossip.py`).
///
/// Lives on the control thread.
final class Gossip {
    private static let sweep = Duration.seconds(5)

    private let core: WorkerCore
    private var elections = Elections()
    private var nextSweep = MonotonicTime(nanoseconds: 0)

    init(_ core: WorkerCore) { self.core = core }

    /// This worker takes part in an election.
    func begin(_ id: String) { elections.begin(id, at: .now) }

    func received(
        _ delivery: AMQPDelivery,
        _ bytes: [UInt8],
        _ loop: ControlLoop,
        _ connection: AMQPConnection
    ) throws(AMQPError) {
        let events: [CeleryMap]
        do {
            events = try EventMessage.decode(
                properties: delivery.properties,
                body: delivery.body,
                in: bytes,
                limits: core.limits
            )
        } catch {
            return core.logger.error("gossip: an event can't be read: \(error)")
        }
        for event in events { try received(event, loop, connection) }
    }

    private func received(_ event: CeleryMap, _ loop: ControlLoop, _ connection: AMQPConnection) throws(AMQPError) {
        guard let type = event["type"]?.stringValue, let hostname = event["hostname"]?.stringValue else { return }
        switch type {
        case "worker-elect":
            guard let vote = Elections.Candidate(event), let id = event["id"]?.stringValue else {
                return core.logger.error("election request missing field id, clock, pid or topic")
            }
            elections.add(vote, to: id, at: .now)
            try loop.publish("worker-elect-ack", ["id": .string(id)], on: connection)
        case "worker-elect-ack": break
        case _ where hostname == core.nodename: core.clock.forward()
        default:
            core.clock.adjust(event["clock"]?.intValue ?? 0)
            noted(type, hostname, event)
        }
    }

    private func noted(_ type: String, _ hostname: String, _ event: CeleryMap) {
        if type == "worker-offline" {
            if core.roster.left(hostname) { core.logger.debug("\(hostname) left") }
        } else if core.roster.heard(hostname, interval: event["freq"]?.doubleValue ?? 60) {
            core.logger.debug("\(hostname) joined the party")
        }
    }

    /// Notices who has fallen silent.
    func turn(_ now: MonotonicTime) -> MonotonicTime {
        guard core.configuration.worker.gossip else { return .distantFuture }
        for (id, winner) in elections.results(at: now) { elected(winner, id) }
        guard now >= nextSweep else { return min(nextSweep, elections.nextEnd) }
        for name in core.roster.newlyLost(at: now) { core.logger.info("missed heartbeat from \(name)") }
        nextSweep = now.advanced(by: Self.sweep)
        return min(nextSweep, elections.nextEnd)
    }

    private func elected(_ winner: Elections.Candidate, _ id: String) {
        guard winner.name == "\(core.nodename).\(core.celery.processID)" else {
            return core.logger.info("node \(winner.name) elected for '\(id)'")
        }
        core.logger.info("I won the election '\(id)'")
        guard winner.topic == "task" else {
            return core.logger.error("Unknown election topic '\(winner.topic)'")
        }
        guard let signature = Signature(celeryValue: winner.action) else {
            return core.logger.error("Could not call task: the election's action is no signature")
        }
        Task { [core] in
            do {
                try await core.celery.publish(signature)
            } catch {
                core.logger.error("Could not call task: \(error)")
            }
        }
    }
}
