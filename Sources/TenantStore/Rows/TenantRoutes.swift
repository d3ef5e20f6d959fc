import Sharding
import Synchronization

/// Which server this process asks for a tenant: the settings, and what servers have told since.
final class TenantRoutes: Sendable {
    private let map: Mutex<TenantMap>

    init(_ map: TenantMap) {
        self.map = Mutex(map)
    }

    func server(of tenant: Int) -> String? { map.withLock { $0.entry(of: tenant)?.server } }

    func learn(_ range: TenantRange, isOn server: String) {
        map.withLock { $0 = $0.moving(range, to: server) }
    }
}
