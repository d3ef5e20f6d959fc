import CeleryProtocol
import OrderedCollections
import Synchronization

/// The control commands that a program adds to Celery's own, by name.
final class CustomControlCommands: Sendable {
    typealias Body = @Sendable (_ arguments: CeleryMap) throws -> CeleryValue?

    private let commands = Mutex<[String: Body]>([:])

    subscript(name: String) -> Body? {
        get { commands.withLock { $0[name] } }
        set { commands.withLock { $0[name] = newValue } }
    }
}
