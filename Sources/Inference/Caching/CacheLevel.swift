/// Where a kept answer was found.
package enum CacheLevel: String, Sendable, Hashable, Codable {
    /// In this process.
    case local
    case redis
}
