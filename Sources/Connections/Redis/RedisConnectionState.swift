/// What a connection tells about itself, once per change.
package enum RedisConnectionState: Sendable, Hashable {
    /// Never connected so far.
    case starting
    /// Logged in; commands go out.
    case ready
    /// Not connected; it goes on trying. The error says why, and is a new one each time the reason changes.
    case down(RedisError)
}
