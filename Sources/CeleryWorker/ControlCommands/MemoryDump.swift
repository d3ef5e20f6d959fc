import CeleryProtocol
import OrderedCollections

/// `memdump`: what `memsample` has gathered, and the memory used now (`celery/utils/debug.py`, `memdump`).
struct MemoryDump: ControlCommand {
    static let names = ["memdump"]

    /// How many samples to show; evenly chosen where there are more.
    var samples: Int?

    func run(on core: WorkerCore) -> CeleryValue? {
        let all = core.controlState.takeSamples()
        let most = max(1, samples ?? 10)
        let shown = all.count <= most ? all : (0..<most).map { all[$0 * (all.count / most)] }
        var text = shown.isEmpty ? "" : "- rss (sample):\n"
        for sample in shown { text += "-    > \(sample),\n" }
        return .string(text + "- rss (end): \(MemorySample.text() ?? "unknown").\n")
    }
}
