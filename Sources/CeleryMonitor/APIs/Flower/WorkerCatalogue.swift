import CeleryProtocol
import CeleryWorker
import Foundation
import OrderedCollections
import Synchronization

/// The tasks and the settings of all workers, which Flower's API shows of all at once, and which change seldom.
final class WorkerCatalogue: Sendable {
    struct Entry: Sendable {
        var registered: [CeleryValue]?
        var configuration: CeleryMap?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var asked = 0.0
    }

    private let state = Mutex(State())

    /// By worker; asked again when the answers are older than `age` seconds.
    func entries(_ celery: Celery, age: Double) async throws -> [String: Entry] {
        let now = Date().timeIntervalSince1970
        if let known = state.withLock({ now - $0.asked < age ? $0.entries : nil }) { return known }
        let inspect = celery.inspect(timeout: .seconds(1))
        async let registered = inspect.registered()
        async let configuration = inspect.configuration()
        var entries: [String: Entry] = [:]
        for (name, value) in try await registered.prefix(10_000) {
            entries[name, default: Entry()].registered = Inspector.list(value)
        }
        for (name, value) in try await configuration.prefix(10_000) {
            entries[name, default: Entry()].configuration = Inspector.map(value)
        }
        state.withLock { [entries] state in state = State(entries: entries, asked: now) }
        return entries
    }
}
