/// The result of a task or group that has its id but was not sent yet. What comes before it is found out later, so it is
/// shared by all who refer to it (`AsyncResult` and `GroupResult` of `celery/result.py`).
final class FrozenResult {
    let id: String
    /// nil for a task.
    let members: [FrozenResult]?
    var parent: FrozenResult?

    init(id: String, members: [FrozenResult]? = nil) {
        self.id = id
        self.members = members
    }

    /// Lets go of a long chain one by one, not each within the other.
    deinit {
        var next = parent.take()
        while next != nil, isKnownUniquelyReferenced(&next) { next = next?.parent.take() }
    }

    var tuple: ResultTuple {
        var trail: [(id: String, children: [ResultTuple]?)] = []
        var node = parent
        while let current = node {
            trail.append((current.id, current.children))
            node = current.parent
        }
        return ResultTuple(id: id, children: children, trail: trail)
    }

    private var children: [ResultTuple]? { members?.map(\.tuple) }

    /// The first of those that come before it.
    var root: FrozenResult {
        var node = self
        while let parent = node.parent { node = parent }
        return node
    }
}
