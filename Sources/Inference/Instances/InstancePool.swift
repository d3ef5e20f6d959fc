import Synchronization

/// The instances, and who gets the next call.
final class InstancePool: Sendable {
    private struct State {
        /// By the members' numbers.
        var outstanding: [Int]
        var turn = 0
    }

    let members: [PoolMember]
    private let state: Mutex<State>

    init(_ members: [PoolMember]) {
        self.members = members
        state = Mutex(State(outstanding: Array(repeating: 0, count: members.count)))
    }

    /// An instance for one call; nil when none can take it.
    ///
    /// - Parameter tried: The numbers of those that have failed at it.
    func lease(_ model: String, tried: Set<Int>) async -> InstanceLease? {
        var excluded = tried
        while true {
            switch choose(model, excluded) {
            case .use(let number): return InstanceLease(member: members[number], probe: nil, pool: self)
            case .nobody: return nil
            case .probe(let number):
                if let probe = await members[number].breaker.takeProbe() {
                    state.withLock { $0.outstanding[number] += 1 }
                    return InstanceLease(member: members[number], probe: probe, pool: self)
                }
                // Another call has it; what this one knew of the breaker is new again, unless it was not told.
                excluded.insert(number)
            }
        }
    }

    func release(_ member: PoolMember) {
        state.withLock { $0.outstanding[member.number] -= 1 }
    }

    var outstanding: [Int] { state.withLock { $0.outstanding } }

    /// Checks all instances at once.
    func check() async {
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await member.check() } }
        }
    }

    /// Chooses, and counts the call where one can be made.
    private func choose(_ model: String, _ excluded: Set<Int>) -> InstanceChoice {
        let members = members.filter { !excluded.contains($0.number) && $0.has(model) != false }
        let known = members.map { ($0.number, $0.findings.isHealthy, $0.breaker.admission) }
        return state.withLock { state in
            let candidates = known.map { number, isHealthy, admission in
                InstanceChoice.Candidate(
                    number: number,
                    outstanding: state.outstanding[number],
                    isHealthy: isHealthy,
                    admission: admission
                )
            }
            let choice = InstanceChoice.among(candidates, turn: state.turn)
            state.turn += 1
            if case .use(let number) = choice { state.outstanding[number] += 1 }
            return choice
        }
    }
}
