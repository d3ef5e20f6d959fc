import Connections

/// What this process knows of one instance.
package struct InstanceStatus: Sendable, Hashable {
    package enum Breaker: String, Sendable, Hashable {
        case closed
        case open
        case halfOpen = "half_open"
    }

    package var address: String
    /// What the last check found; nil before it.
    package var isHealthy: Bool?
    package var problem: String?
    package var models: [String]
    package var breaker: Breaker
    /// Calls of this process that it is working on.
    package var outstanding: Int

    init(_ member: PoolMember, outstanding: Int) {
        let findings = member.findings
        address = member.server.address
        isHealthy = findings.isHealthy
        problem = findings.problem
        models = (findings.models ?? []).map(ModelName.short).sorted()
        breaker =
            switch (member.breaker.view.phase, member.breaker.admission) {
            case (.closed, _): .closed
            case (.probing, _), (.open, .probe): .halfOpen
            case (.open, _): .open
            }
        self.outstanding = outstanding
    }
}
