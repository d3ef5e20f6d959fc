import OrderedCollections

/// `|`, and the rules by which chains, groups and chords combine (`__or__`, `_merge_chain_step`).
extension CanvasNode {
    /// A chain that is to call one task by the callbacks of another, as protocol 1 did.
    var usesLinks: Bool {
        guard case .value(let value) = options["use_link"] else { return false }
        return TaskHeaders.flag(value) ?? false
    }

    /// `self | other`.
    func chained(with other: CanvasNode) throws(CanvasError) -> CanvasNode {
        switch kind {
        case .chain: return try chainChained(with: other)
        case .group: return other.isEmptyGroup ? self : .chord(self, body: other)
        case .chord where other.kind != .group && other.kind != .chain,
            .chord where other.members.count == 1 && other.kind == .group:
            let chord = clone()
            guard let body = chord.contents.body else { throw .chordWithoutBody }
            chord.contents.body = try body.chained(with: other.unrolled)
            return chord
        case .chord, .task, .map, .chunks:
            if other.kind == .chain { return .chain([self] + (try other.unchained())) }
            return .chain([self, other.unrolled])
        }
    }

    private func chainChained(with other: CanvasNode) throws(CanvasError) -> CanvasNode {
        if other.isEmptyGroup { return self }
        switch other.kind {
        case .group: return try chainChained(withGroup: other)
        case .chain:
            var result = self
            for task in try other.unchained() { result = try result.chained(with: task) }
            return result
        default: break
        }
        if let last = members.last, last.kind == .group {
            let chain = clone()
            let chord = CanvasNode.chord(chain.members[chain.members.count - 1], body: other)
            chain.members[chain.members.count - 1] = chord
            if chain.members.count > 1, case let before = chain.members[chain.members.count - 2], before.kind == .chord
            {
                before.contents.body = try before.contents.body?.chained(with: chord)
                chain.members.removeLast()
            }
            return chain
        }
        if let last = members.last, last.kind == .chord, other.kind != .chord {
            let chain = clone()
            let chord = chain.members[chain.members.count - 1]
            chord.contents.body = try chord.contents.body?.chained(with: other)
            return chain
        }
        return .chain(try unchained() + [other])
    }

    private func chainChained(withGroup group: CanvasNode) throws(CanvasError) -> CanvasNode {
        let other = group.unrolled
        guard other.kind == .group else { return try chained(with: other) }
        let tasks = try unchained()
        guard let last = tasks.last else { return other }
        guard last.kind == .chord else { return .chain(tasks + [other]) }
        last.contents.body = try last.contents.body?.chained(with: other)
        return .chain(tasks)
    }

    /// `chain(tasks)`: what `|` makes of them one after the other, without copying all that went before each time.
    static func folded(_ tasks: [CanvasNode]) throws(CanvasError) -> CanvasNode {
        var steps: [CanvasNode] = []
        for (index, task) in tasks.enumerated() {
            guard let other = try merge(task, into: &steps) else { continue }
            var result = other
            for task in tasks[(index + 1)...] { result = try result.chained(with: task) }
            return result
        }
        return .chain(steps)
    }

    /// Adds a task to the steps of a chain; answers what is no longer a chain instead.
    private static func merge(_ task: CanvasNode, into steps: inout [CanvasNode]) throws(CanvasError) -> CanvasNode? {
        switch task.kind {
        case .group:
            if task.members.isEmpty { return nil }
            let other = task.unrolled
            guard other.kind == .group else { return try merge(other, into: &steps) }
            guard let last = steps.last else { return other }
            if last.kind == .chord {
                last.contents.body = try last.contents.body?.chained(with: other)
            } else {
                steps.append(other.clone())
            }
        case .chain:
            let inner = try task.unchained()
            for (index, task) in inner.enumerated() {
                guard let other = try merge(task, into: &steps) else { continue }
                var result = other
                for task in inner[(index + 1)...] { result = try result.chained(with: task) }
                return result
            }
        default:
            if let last = steps.last, last.kind == .group {
                steps[steps.count - 1] = .chord(last, body: task.clone())
            } else if let last = steps.last, last.kind == .chord, task.kind != .chord {
                last.contents.body = try last.contents.body?.chained(with: task)
            } else {
                steps.append(task.clone())
            }
        }
        return nil
    }

    // MARK: Taking apart

    /// Copies of a chain's tasks; its callbacks go to the last, its errbacks to all.
    func unchained() throws(CanvasError) -> [CanvasNode] {
        let tasks = members.map { $0.clone() }
        for callback in options["link"]?.elements ?? [] {
            guard let last = tasks.last else { throw .malformed("a chain without tasks has none to link to") }
            try last.link(callback)
        }
        for errback in options["link_error"]?.elements ?? [] {
            for task in tasks { try task.linkError(errback) }
        }
        return tasks
    }

    /// Whether this is a chord whose body is a chain that begins with a task.
    var isChordLedByTask: Bool {
        guard kind == .chord, let body = contents.body, body.kind == .chain else { return false }
        return body.members.first.map { $0.kind != .group } ?? false
    }

    /// A chord whose body is a chain, as the chord with the first task for a body, and the other tasks after it.
    ///
    /// Every task of the header carries the body: with the rest of the chain in it, that would be copied for each.
    func unrolledBody() throws(CanvasError) -> [CanvasNode] {
        let chord = clone()
        guard let chain = chord.contents.body else { throw .chordWithoutBody }
        let tasks = try chain.unchained()
        let own: Set<String> = [
            "chord", "group_id", "group_index", "link", "link_error", "parent_id", "root_id", "task_id",
        ]
        chord.contents.body = tasks[0].clone(options: chain.options.filter { !own.contains($0.key) })
        return [chord] + tasks.dropFirst()
    }

    /// Splits the bodies of the chords in a chain before it gets its ids (`_unroll_chords`).
    func unrollChords() throws(CanvasError) {
        guard !usesLinks else { return }
        var pending = Array(members.reversed())
        var tasks: [CanvasNode] = []
        while var task = pending.popLast() {
            if task.kind == .chain {
                task = task.clone()
                try task.unrollChords()
            }
            if task.isChordLedByTask {
                pending += try task.unrolledBody().reversed()
            } else {
                tasks.append(task)
            }
        }
        contents.members = Members(tasks)
    }

    // MARK: Maps

    /// The name of the task that `celery.map`, `celery.starmap` and `celery.chunks` run, which decides where they go.
    var routeName: CanvasOption? {
        switch contents.kwargs["task"] {
        case .string(let name): .value(.string(name))
        case .map(let map): map["task"].map { .value($0) }
        default: nil
        }
    }
}
