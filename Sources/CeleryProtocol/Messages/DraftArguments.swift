public import OrderedCollections

/// The arguments of a message that is to be sent: values, or the bytes of a received message as they were.
public enum DraftArguments: Sendable {
    case values([CeleryValue], CeleryMap)
    /// JSON texts of a list and of a map; the map's range may be empty for `{}`.
    case json(bytes: [UInt8], args: Range<Int>, kwargs: Range<Int>)
}
