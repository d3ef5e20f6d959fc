import CeleryProtocol
import Synchronization

/// Remembers until the process ends (`--no-lock`).
final class MemoryBeatStore: BeatStore {
    private let state = Mutex(BeatMemory())

    func begin(_ lease: BeatLease) -> BeatMemory { memory() }

    func claim(_ entry: String, at time: Timestamp, fingerprint: String, lease: BeatLease) -> Bool {
        state.withLock { memory in
            if let last = memory.last[entry], last.time >= time { return false }
            memory.last[entry] = BeatMemory.Run(time: time, fingerprint: fingerprint)
            memory.pending[entry] = time
            return true
        }
    }

    func confirm(_ entry: String, at time: Timestamp) {
        state.withLock { if $0.pending[entry] == time { $0.pending[entry] = nil } }
    }

    func reset(_ entry: String, to time: Timestamp, fingerprint: String, lease: BeatLease) {
        state.withLock { $0.last[entry] = BeatMemory.Run(time: time, fingerprint: fingerprint) }
    }

    func forget(_ entry: String, lease: BeatLease) {
        state.withLock {
            $0.last[entry] = nil
            $0.pending[entry] = nil
        }
    }

    func memory() -> BeatMemory { state.withLock { $0 } }
}
