import CeleryProtocol
import OrderedCollections

/// What a worker says of itself with every heartbeat (`celery/worker/state.py` `SOFTWARE_INFO`).
enum SoftwareInfo {
    static let fields: CeleryMap = ["sw_ident": "chard", "sw_ver": .string(ChardVersion.current), "sw_sys": "Linux"]
}
