/// What a task that replaces itself with another hands on to that.
public struct ReplacedTask: Sendable {
    public var id: String
    public var rootID: String?
    public var group: String?
    public var groupIndex: Int?
    /// How often it was replaced before.
    public var nesting: Int
    /// Its callbacks, errbacks, the rest of its chain and its chord.
    public var embed: Embed

    public init(
        id: String,
        rootID: String? = nil,
        group: String? = nil,
        groupIndex: Int? = nil,
        nesting: Int = 0,
        embed: Embed = Embed()
    ) {
        self.id = id
        self.rootID = rootID
        self.group = group
        self.groupIndex = groupIndex
        self.nesting = nesting
        self.embed = embed
    }

    /// - Throws: what is wrong with the links of the message.
    public init(_ message: TaskMessage) throws {
        self.init(
            id: message.id,
            rootID: message.rootID,
            group: message.group,
            groupIndex: message.groupIndex,
            nesting: message.replacedTaskNesting,
            embed: try message.body.embed
        )
    }
}
