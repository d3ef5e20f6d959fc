import CeleryProtocol
import Connections
import OrderedCollections

/// `memsample`: the memory that the worker uses now, remembered for `memdump`.
struct MemorySample: ControlCommand {
    static let names = ["memsample"]

    func run(on core: WorkerCore) -> CeleryValue? {
        guard let sample = Self.text() else { return .null }
        core.controlState.remember(sample: sample)
        return .string(sample)
    }

    /// As `celery/utils/debug.py` prints it: five digits and a unit.
    static func text() -> String? { ProcessUsage.residentBytes.map(text(ofBytes:)) }

    static func text(ofBytes bytes: Int) -> String {
        let units = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
        guard let (size, unit) = units.first(where: { bytes >= $0.0 }) else { return "\(bytes)b" }
        let value = Double(bytes) / Double(size)
        guard value != value.rounded() else { return "\(Int(value))\(unit)" }
        let whole = String(Int(value)).count
        let scale = (0..<max(0, 5 - whole)).reduce(1.0) { factor, _ in factor * 10 }
        let rounded = (value * scale).rounded() / scale
        return "\(rounded == rounded.rounded() ? "\(Int(rounded)).0" : "\(rounded)")\(unit)"
    }
}
