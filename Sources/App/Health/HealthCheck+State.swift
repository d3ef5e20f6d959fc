import CeleryWorker
import TenantStore

extension HealthCheck {
    /// The Redis of the shared state.
    static func state(_ store: StateStore) -> HealthCheck {
        HealthCheck("state") {
            try await store.ping()
            return ["server": .string("\(store.url)")]
        }
    }
}
