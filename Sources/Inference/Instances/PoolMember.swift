import Connections
import Synchronization

/// One instance: its client, its breaker, and what its last check found.
final class PoolMember: Sendable {
    struct Findings: Sendable {
        /// nil: not checked yet.
        var isHealthy: Bool?
        /// When the last check ended.
        var checked: MonotonicTime?
        /// With their tags; nil: not known yet.
        var models: Set<String>?
        /// With their tags: what it said since the last check that it has not.
        var lacking: Set<String> = []
        /// Why the last check failed.
        var problem: String?
    }

    let number: Int
    let server: any ModelServer
    let breaker: SharedBreaker
    private let state = Mutex(Findings())

    init(number: Int, server: any ModelServer, breaker: SharedBreaker) {
        self.number = number
        self.server = server
        self.breaker = breaker
    }

    var findings: Findings { state.withLock { $0 } }

    /// Whether it has the model; nil: not known.
    func has(_ model: String) -> Bool? {
        let name = ModelName.full(model)
        return state.withLock { $0.lacking.contains(name) ? false : $0.models?.contains(name) }
    }

    /// It said that it does not have the model after all.
    func lacks(_ model: String) {
        state.withLock { _ = $0.lacking.insert(ModelName.full(model)) }
    }

    /// Asks it for its models.
    ///
    /// - Parameter age: A check that ended within this time counts.
    func check(ifOlderThan age: Duration = .zero) async {
        if let checked = findings.checked, age > .zero, checked.advanced(by: age) > .now { return }
        do {
            let models = try await server.models()
            state.withLock {
                $0 = Findings(isHealthy: true, checked: .now, models: Set(models.map(ModelName.full)))
            }
        } catch is CancellationError {
            return
        } catch {
            state.withLock {
                $0.isHealthy = false
                $0.checked = .now
                $0.problem = "\(error)"
            }
        }
    }
}
