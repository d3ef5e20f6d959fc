/// How long answers are kept, and how many.
package struct CacheSettings: Sendable, Hashable {
    /// Whether answers are kept at all. Default true.
    package var isOn = true
    /// How long in this process. Default 5 min.
    package var localTTL: Duration = .seconds(300)
    /// The most bytes in this process. Default 64 MiB.
    package var localBytes = 64 * 1_048_576
    /// How long in Redis. Default 1 h.
    package var redisTTL: Duration = .seconds(3600)
    /// Larger answers are not kept. Default 1 MiB.
    package var maxEntry = 1_048_576

    package init() {}
}
