/// The first keys of the advisory locks this package takes in a database, so that they don't meet somebody else's.
enum AdvisoryLock {
    /// Shared, second key the tenant: held by a transaction that writes the tenant's rows. "CHRD" in ASCII.
    static let writers = 1_128_813_124
    /// Held while partitions are made.
    static let partitions = 1_128_813_125
    /// Held while migrations run.
    static let migrations = 1_128_813_126
}
