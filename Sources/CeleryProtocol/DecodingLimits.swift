/// How much of an untrusted message is decoded before it is refused.
///
/// A message that exceeds a limit is an error of its sender; it never crashes, hangs or fills the memory of a worker.
public struct DecodingLimits: Sendable, Hashable {
    /// The most bytes a body may have, after decompression. Default: 128 MiB.
    public var maxBodyBytes: Int
    /// How many arrays and maps may stand inside one another. Default: 128.
    public var maxDepth: Int
    /// How many bytes one compressed byte may become. Default: 1,000, near the most that zlib can reach.
    public var maxInflationRatio: Int

    public init(maxBodyBytes: Int = 128 << 20, maxDepth: Int = 128, maxInflationRatio: Int = 1_000) {
        self.maxBodyBytes = maxBodyBytes
        self.maxDepth = maxDepth
        self.maxInflationRatio = maxInflationRatio
    }
}
