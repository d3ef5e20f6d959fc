import Connections
import Synchronization

/// What a worker remembers for `inspect` alone.
final class ControlState: Sendable {
    let startedAt = MonotonicTime.now
    private let brokerURL = Mutex<BrokerURL?>(nil)
    private let samples = Mutex<[String]>([])
    private static let mostSamples = 1000

    /// The broker that the worker is, or was last, connected to.
    var broker: BrokerURL? {
        get { brokerURL.withLock { $0 } }
        set { brokerURL.withLock { $0 = newValue } }
    }

    /// Keeps a memory sample for `memdump`; of very many the oldest is dropped.
    func remember(sample: String) {
        samples.withLock { samples in
            if samples.count == Self.mostSamples { samples.removeFirst() }
            samples.append(sample)
        }
    }

    /// The samples so far; they begin anew.
    func takeSamples() -> [String] {
        samples.withLock { samples in
            defer { samples = [] }
            return samples
        }
    }
}
