import CeleryProtocol
import Connections

/// Which worker is to act: of those that stand for it the one with the lowest clock, by name where clocks are alike
/// (`celery/worker/consumer/gossip.py` `on_elect`).
///
/// Python's worker counts when as many acknowledgements have come as workers are alive, which is before all candidates
/// are known when messages overtake one another. Here a second passes, so that all see the same ones.
struct Elections {
    struct Candidate: Hashable {
        var clock: Int
        /// `nodename.pid`.
        var name: String
        var topic: String
        var action: CeleryValue

        init?(_ event: CeleryMap) {
            guard let clock = event["clock"]?.intValue, let hostname = event["hostname"]?.stringValue,
                let pid = event["pid"]?.intValue, let topic = event["topic"]?.stringValue
            else { return nil }
            self.clock = clock
            name = "\(hostname).\(pid)"
            self.topic = topic
            action = event["action"] ?? .null
        }
    }

    private struct Election {
        var candidates: [Candidate] = []
        /// Whether this worker takes part.
        var isOurs = false
        var end: MonotonicTime
    }

    /// No more than so many elections are held at once: their ids come from the wire.
    private static let bound = 1000
    private static let duration = Duration.seconds(1)
    private var elections: [String: Election] = [:]

    /// This worker takes part, whether or not another's candidature came first.
    mutating func begin(_ id: String, at now: MonotonicTime) {
        update(id, at: now) { election in
            election.isOurs = true
            election.end = now.advanced(by: Self.duration)
        }
    }

    mutating func add(_ candidate: Candidate, to id: String, at now: MonotonicTime) {
        update(id, at: now) { election in
            if election.candidates.count < 10_000 { election.candidates.append(candidate) }
        }
    }

    private mutating func update(_ id: String, at now: MonotonicTime, _ change: (inout Election) -> Void) {
        var election = elections[id] ?? Election(end: now.advanced(by: .seconds(60)))
        guard elections[id] != nil || elections.count < Self.bound else { return }
        change(&election)
        elections[id] = election
    }

    /// The winners of the elections that are over.
    mutating func results(at now: MonotonicTime) -> [(id: String, winner: Candidate)] {
        guard !elections.isEmpty else { return [] }
        let over = elections.filter { $0.value.end <= now }
        for id in over.keys { elections[id] = nil }
        return over.compactMap { id, election in
            guard election.isOurs else { return nil }
            return election.candidates.min { ($0.clock, $0.name) < ($1.clock, $1.name) }.map { (id, $0) }
        }
    }

    /// When the next one is over.
    var nextEnd: MonotonicTime { elections.values.map(\.end).min() ?? .distantFuture }
}
