import CLibpq
import Foundation
import Synchronization

/// Asks a server to stop the statement that a connection runs.
///
/// libpq 15 can only wait while it does that (`PQcancel`), so it happens on a thread of its own. A server that hangs
/// holds the thread until it is gone; there is at most one for each connection that hangs.
final class PostgresCanceller: Sendable {
    private let state = Atomic<Bool>(false)

    /// Whether the server has taken the request: from then on it can't hit another statement.
    var isDone: Bool { state.load(ordering: .acquiring) }

    /// - Parameter cancel: What `PostgresLink.makeCancel` gave; freed when done.
    init(_ cancel: OpaquePointer, waker: Waker) {
        let address = UInt(bitPattern: cancel)
        let thread = Thread { [self] in
            var text = [CChar](repeating: 0, count: 256)
            let cancel = OpaquePointer(bitPattern: address)
            // A request that fails changes nothing: the time limit of the cancelled call then ends the connection.
            _ = PQcancel(cancel, &text, Int32(text.count))
            PQfreeCancel(cancel)
            state.store(true, ordering: .releasing)
            waker.wake()
        }
        thread.name = "chard-pg-cancel"
        thread.start()
    }
}
