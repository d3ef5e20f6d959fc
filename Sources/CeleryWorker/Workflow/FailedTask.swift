import CeleryProtocol

/// A task that has failed, as its errback gets to know it: the first argument of an errback with several.
public struct FailedTask: Sendable, Codable, Hashable {
    public var id: String
    public var task: String
    public var rootID: String?
    public var parentID: String?
    public var group: String?
    public var retries: Int

    private enum CodingKeys: String, CodingKey {
        case id, task, group, retries
        case rootID = "root_id"
        case parentID = "parent_id"
    }

    init(_ message: TaskMessage) {
        id = message.id
        task = message.task
        rootID = message.rootID
        parentID = message.parentID
        group = message.group
        retries = message.retries
    }

    /// One that was never run, because what it depends on has failed.
    init(id: String, task: String) {
        self.id = id
        self.task = task
        retries = 0
    }
}
