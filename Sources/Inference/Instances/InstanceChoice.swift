/// Which instance gets the next call: a function of what is known of each.
package enum InstanceChoice: Sendable, Hashable {
    case use(Int)
    /// The call decides whether that instance's breaker closes, if it gets the probe.
    case probe(Int)
    case nobody

    package struct Candidate: Sendable, Hashable {
        package var number: Int
        /// Calls that it is working on for this process.
        package var outstanding: Int
        /// nil: not checked yet.
        package var isHealthy: Bool?
        package var admission: CircuitBreaker.Admission

        package init(number: Int, outstanding: Int, isHealthy: Bool?, admission: CircuitBreaker.Admission) {
            self.number = number
            self.outstanding = outstanding
            self.isHealthy = isHealthy
            self.admission = admission
        }
    }

    /// The least busy of those that can be used; a due probe goes first, because no other call would ever make it.
    ///
    /// Instances whose last check failed come last: it may be old, and somebody has to try when there is no other.
    ///
    /// - Parameter turn: Any number that grows with every choice; equally busy ones are taken in turn.
    package static func among(_ candidates: [Candidate], turn: Int) -> InstanceChoice {
        let due = candidates.filter { $0.admission == .probe }
        if let probe = due.first(where: { $0.isHealthy != false }) { return .probe(probe.number) }
        let usable = candidates.filter { $0.admission == .allowed }
        let count = max(1, candidates.count)
        func rank(_ candidate: Candidate) -> (Int, Int, Int) {
            let place = ((candidate.number - turn) % count + count) % count
            return (candidate.isHealthy == false ? 1 : 0, candidate.outstanding, place)
        }
        if let best = usable.min(by: { rank($0) < rank($1) }) { return .use(best.number) }
        return due.first.map { .probe($0.number) } ?? .nobody
    }
}
