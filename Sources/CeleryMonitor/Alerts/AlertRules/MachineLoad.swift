import CeleryProtocol
import OrderedCollections

/// How busy the machine of a worker is, as far as it tells.
///
/// Chard's workers tell their machine's processors and memory in `inspect stats` (`chard.machine`); heartbeats have the
/// load average. Python's workers tell neither processors nor memory, so nothing is measured for them.
struct MachineLoad: Sendable, Hashable {
    /// The load average of one minute divided by the processors, in percent; above 100 processes wait.
    var load: Double?
    /// Memory that is not available, in percent; of the control group where it is limited.
    var memory: Double?

    init(_ worker: WorkerStatus, _ report: WorkerReport?) {
        guard let machine = report?.stats?["chard"]?["machine"] else { return }
        if let processors = machine["processors"]?.doubleValue, processors >= 1, let load = worker.load.first,
            load.isFinite, load >= 0
        {
            self.load = min(load / processors * 100, 1e6)
        }
        if let total = machine["memory_total"]?.doubleValue, total > 0,
            let available = machine["memory_available"]?.doubleValue, (0...total).contains(available)
        {
            memory = (total - available) / total * 100
        }
    }
}
