/// What is to be done after a message's task: values, or the bytes of a received message as they were.
public enum DraftLinks: Sendable {
    case values(Embed)
    /// The JSON text of the map.
    case json(bytes: [UInt8], range: Range<Int>)

    public static var none: DraftLinks { .values(Embed()) }
}
