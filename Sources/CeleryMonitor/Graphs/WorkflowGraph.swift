import OrderedCollections

/// The tasks of a workflow as nodes and edges, as far as it is known who sent whom.
///
/// Events tell a task's parent, which is the task that sent it, or before it in a chain; the result store tells its
/// group. No event tells a chord: its body's parent is the member that ended last. So an edge is drawn only where a
/// parent was told, and groups only where the store names them.
struct WorkflowGraph: Sendable {
    struct Node: Sendable {
        /// Ours, safe for dot: `n12`.
        var key: String
        var name: String
        /// Its only task; nil when it stands for several.
        var task: TaskRecord?
        /// How many of its tasks are in each state.
        var states: [String: Int]
        var count: Int
        var group: String?
    }

    var nodes: [Node] = []
    /// Keys of nodes.
    var edges: [(from: String, to: String)] = []
    /// Keys of nodes by group.
    var groups: OrderedDictionary<String, [String]> = [:]
    /// Tasks whose parent was told but not seen.
    var orphans = 0
    /// Tasks left out, because there are too many.
    var omitted = 0

    static let mostNodes = 300
    /// Equal leaves of one parent become one node from this many.
    private static let leastCollapsed = 6

    private struct Likeness: Hashable {
        var parent: String?
        var name: String
        var group: String?
    }

    /// - Parameters:
    ///   - tasks: The oldest first.
    ///   - groups: By a task's id, as the result store tells them.
    init(_ tasks: [TaskRecord], groups: [String: String]) {
        let known = Set(tasks.map(\.id))
        let parents = Set(tasks.compactMap(\.parentID)).intersection(known)
        var alike: OrderedDictionary<Likeness, [TaskRecord]> = [:]
        for task in tasks where !parents.contains(task.id) && task.parentID != nil {
            alike[Likeness(parent: task.parentID, name: task.name ?? "", group: groups[task.id]), default: []].append(
                task
            )
        }
        let crowds = alike.filter { $0.value.count >= Self.leastCollapsed }
        var crowdOf: [String: Likeness] = [:]
        for (likeness, members) in crowds { for member in members { crowdOf[member.id] = likeness } }
        var keys: [String: String] = [:]
        var keyOfCrowd: [Likeness: String] = [:]
        for task in tasks {
            if let likeness = crowdOf[task.id], let key = keyOfCrowd[likeness] {
                keys[task.id] = key
                continue
            }
            guard nodes.count < Self.mostNodes else {
                omitted += 1
                continue
            }
            let key = "n\(nodes.count)"
            keys[task.id] = key
            let members = crowdOf[task.id].flatMap { crowds[$0] } ?? [task]
            if let likeness = crowdOf[task.id] { keyOfCrowd[likeness] = key }
            nodes.append(Self.node(key, members, group: groups[task.id]))
        }
        connect(tasks, keys, known)
    }

    private static func node(_ key: String, _ members: [TaskRecord], group: String?) -> Node {
        Node(
            key: key,
            name: members.first?.name ?? "unknown task",
            task: members.count == 1 ? members.first : nil,
            states: members.reduce(into: [:]) { $0[$1.state, default: 0] += 1 },
            count: members.count,
            group: group
        )
    }

    private mutating func connect(_ tasks: [TaskRecord], _ keys: [String: String], _ known: Set<String>) {
        var seen = Set<String>()
        for task in tasks {
            guard let parent = task.parentID, parent != task.id else { continue }
            guard known.contains(parent) else {
                orphans += 1
                continue
            }
            guard let from = keys[parent], let to = keys[task.id], from != to else { continue }
            if seen.insert("\(from) \(to)").inserted { edges.append((from, to)) }
        }
        for node in nodes { if let group = node.group { groups[group, default: []].append(node.key) } }
        groups = groups.filter { group in
            group.value.count > 1 || nodes.contains { $0.key == group.value.first && $0.count > 1 }
        }
    }

    /// For graphviz; only keys of ours, never a name.
    func dot(width: Double, height: Double) -> String {
        var text = "digraph w{rankdir=LR;nodesep=0.18;ranksep=0.5;node[shape=box,fixedsize=true,label=\"\","
        text += "width=\(width / 72),height=\(height / 72)];\n"
        for node in nodes { text += "\(node.key);" }
        text += "\n"
        for (place, group) in groups.values.enumerated() {
            text += "subgraph cluster_\(place){margin=10;\(group.joined(separator: ";"));}\n"
        }
        for edge in edges { text += "\(edge.from)->\(edge.to);\n" }
        return text + "}\n"
    }
}
