import Connections
import Logging
import Synchronization

/// Asks the management API again and again, and keeps the newest answer.
final class BrokerWatch: Sendable {
    private let state = Mutex(BrokerPicture())

    var picture: BrokerPicture { state.withLock { $0 } }

    func queue(_ name: String) -> QueuePicture? { picture.queues.first { $0.name == name } }
}
