import CeleryProtocol

/// Remembers when each entry ran last, and which runs were begun but perhaps not sent.
///
/// All writes name a lease and are refused, `BeatError.fenced`, once a later one has begun.
package protocol BeatStore: Sendable {
    /// Makes this lease the only one that may write, and tells what is remembered.
    func begin(_ lease: BeatLease) async throws -> BeatMemory

    /// Remembers a run as begun, in one step: the last run of the entry is now `time`, and its sending is pending.
    ///
    /// - Returns: false when the entry's last run is not before `time`; then nothing has changed.
    func claim(_ entry: String, at time: Timestamp, fingerprint: String, lease: BeatLease) async throws -> Bool

    /// Forgets that the run is pending: the broker has it.
    func confirm(_ entry: String, at time: Timestamp) async throws

    /// Counts the entry from `time` on, as if it had run then.
    func reset(_ entry: String, to time: Timestamp, fingerprint: String, lease: BeatLease) async throws

    /// Forgets an entry that is switched off.
    func forget(_ entry: String, lease: BeatLease) async throws

    /// What is remembered, for those who only look.
    func memory() async throws -> BeatMemory
}

/// What a store remembers, by the names of the entries.
package struct BeatMemory: Sendable, Hashable {
    /// A last run and the schedule by which it came (``BeatEntry/fingerprint``).
    package struct Run: Sendable, Hashable {
        package var time: Timestamp
        package var fingerprint: String
    }

    package var last: [String: Run] = [:]
    /// The times of runs that were begun and not confirmed.
    package var pending: [String: Timestamp] = [:]
}
