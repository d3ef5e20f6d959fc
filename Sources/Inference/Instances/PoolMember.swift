import Connections
import Synchronization

/// One instance: its client, its breaker, and what its last check found.
final class PoolMember: Sendable {
    struct Findings: Sendable {
        /// nil: not checked yet.
        var isHealthy: Bool?
        /// With their tags; nil: not known yet.
        var models: Set<String>?
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
        state.withLock { $0.models?.contains(ModelName.full(model)) }
    }

    /// It said that it does not have the model after all.
    func lacks(_ model: String) {
        state.withLock { _ = $0.models?.remove(ModelName.full(model)) ?? nil }
    }

    /// Asks it for its models.
    func check() async {
        do {
            let models = try await server.models()
            state.withLock {
                $0 = Findings(isHealthy: true, models: Set(models.map(ModelName.full)), problem: nil)
            }
        } catch is CancellationError {
            return
        } catch {
            state.withLock {
                $0.isHealthy = false
                $0.problem = "\(error)"
            }
        }
    }
}
