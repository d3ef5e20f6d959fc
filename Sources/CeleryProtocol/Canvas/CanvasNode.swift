import OrderedCollections

/// A signature while it is being applied: an object that others refer to, as in Python.
///
/// Celery's canvas works by changing signatures in place while several others hold on to them: the body that every task
/// of a header refers to gets its id after they do. This class, and what extends it, follow `celery/canvas.py` of 5.7
/// function by function, so that what comes out is the same in every case.
final class CanvasNode {
    enum Kind {
        case task, chain, group, chord, map, chunks
    }

    /// The members of a container; groups and chords made of one another share them.
    final class Members {
        var nodes: [CanvasNode]
        init(_ nodes: [CanvasNode]) { self.nodes = nodes }
    }

    /// The keyword arguments, which copies made by Python's `deepcopy` share.
    final class Contents {
        /// All but those below.
        var kwargs: CeleryMap
        /// Of a chain, a group, and the header of a chord.
        var members: Members
        /// The header of a chord that has its id; its members are `members`.
        var header: CanvasNode?
        var body: CanvasNode?

        init(_ kwargs: CeleryMap = [:], members: Members = Members([]), body: CanvasNode? = nil) {
            self.kwargs = kwargs
            self.members = members
            self.body = body
        }
    }

    let kind: Kind
    let task: String
    var args: [CeleryValue]
    /// Whether Python has a tuple here, which equals no list.
    var hasTupleArgs = true
    let contents: Contents
    var options: CanvasOptions
    let subtaskType: String?
    var isImmutable: Bool
    private(set) var extra: CeleryMap = [:]

    init(
        _ kind: Kind,
        task: String,
        args: [CeleryValue] = [],
        contents: Contents,
        options: CanvasOptions,
        subtaskType: String?,
        isImmutable: Bool = false
    ) {
        self.kind = kind
        self.task = task
        self.args = args
        self.contents = contents
        self.options = options
        self.subtaskType = subtaskType
        self.isImmutable = isImmutable
    }

    // MARK: Containers

    static func chain(_ nodes: [CanvasNode], options: CanvasOptions = [:]) -> CanvasNode {
        let contents = Contents(members: Members(nodes))
        return CanvasNode(.chain, task: "celery.chain", contents: contents, options: options, subtaskType: "chain")
    }

    static func group(_ members: Members, options: CanvasOptions = [:]) -> CanvasNode {
        let contents = Contents(members: members)
        return CanvasNode(.group, task: "celery.group", contents: contents, options: options, subtaskType: "group")
    }

    /// Upgrades a group. The chord has the same tasks in a list of its own, so that what gets its ids in place there
    /// gets them in the chord alone, as in Celery.
    static func chord(_ header: CanvasNode, body: CanvasNode?, options: CanvasOptions = [:]) -> CanvasNode {
        let contents = Contents(["kwargs": [:]], members: Members(header.members), body: body)
        return CanvasNode(.chord, task: "celery.chord", contents: contents, options: options, subtaskType: "chord")
    }

    // MARK: From and to the wire

    convenience init(celeryValue value: CeleryValue) throws(CanvasError) {
        guard let signature = Signature(celeryValue: value) else {
            throw .malformed("no signature: \(PythonRepr.repr(value, maxLength: 100))")
        }
        try self.init(signature)
    }

    /// As `Signature.from_dict` reads a signature of any kind.
    convenience init(_ signature: Signature) throws(CanvasError) {
        let options = CanvasOptions(signature.options)
        switch signature.subtaskType {
        case nil:
            let contents = Contents(signature.kwargs)
            self.init(
                .task,
                task: signature.task,
                args: signature.args,
                contents: contents,
                options: options,
                subtaskType: nil,
                isImmutable: signature.isImmutable
            )
            hasTupleArgs = false
            extra = signature.extra
        case "chain":
            let contents = Contents(members: Members(try Self.tasks(signature, "tasks")))
            self.init(.chain, task: "celery.chain", contents: contents, options: options, subtaskType: "chain")
        case "group":
            let contents = Contents(members: Members(try Self.tasks(signature, "tasks")))
            self.init(.group, task: "celery.group", contents: contents, options: options, subtaskType: "group")
        case "chord": try self.init(chord: signature, options)
        case "xmap": try self.init(.map, "celery.map", needs: ["task", "it"], signature, options)
        case "xstarmap": try self.init(.map, "celery.starmap", needs: ["task", "it"], signature, options)
        case "chunks": try self.init(.chunks, "celery.chunks", needs: ["task", "it", "n"], signature, options)
        case .some(let type): throw .malformed("the signature of \(signature.task) is of no known type: \(type)")
        }
    }

    private convenience init(chord signature: Signature, _ options: CanvasOptions) throws(CanvasError) {
        var kwargs = signature.kwargs
        let body = kwargs.removeValue(forKey: "body") ?? .null
        kwargs.removeValue(forKey: "header")
        if kwargs.isEmpty { kwargs = ["kwargs": [:]] }
        let contents = Contents(kwargs, members: Members(try Self.tasks(signature, "header")))
        if body != .null { contents.body = try CanvasNode(celeryValue: body) }
        self.init(
            .chord,
            task: signature.task,
            args: signature.args,
            contents: contents,
            options: options,
            subtaskType: "chord",
            isImmutable: signature.isImmutable
        )
    }

    /// Python leaves the type out when it makes one of these anew.
    private convenience init(
        _ kind: Kind,
        _ task: String,
        needs keys: [String],
        _ signature: Signature,
        _ options: CanvasOptions
    ) throws(CanvasError) {
        var kwargs: CeleryMap = [:]
        for key in keys {
            guard let value = signature.kwargs[key] else {
                throw .malformed("a signature of \(task) needs the keyword argument \(key)")
            }
            kwargs[key] = value
        }
        self.init(
            kind,
            task: task,
            contents: Contents(kwargs),
            options: options,
            subtaskType: nil,
            isImmutable: true
        )
    }

    /// The members of a container: a list of signatures; for a chord's header also a group or another signature.
    private static func tasks(_ signature: Signature, _ key: String) throws(CanvasError) -> [CanvasNode] {
        switch signature.kwargs[key] {
        case .array(let values):
            var nodes: [CanvasNode] = []
            for value in values { nodes.append(try CanvasNode(celeryValue: value)) }
            return nodes
        case .map(let map) where key == "header":
            let node = try CanvasNode(celeryValue: .map(map))
            return node.kind == .group || node.kind == .chain ? node.contents.members.nodes : [node]
        default:
            throw .malformed("a signature of \(signature.task) needs a list of signatures as its argument \(key)")
        }
    }

    /// As it stands now, all that it refers to included.
    var celeryValue: CeleryValue { signature.celeryValue }

    var signature: Signature {
        var signature = Signature(
            task,
            args: args,
            kwargs: kwargs,
            options: options.mapValues(\.celeryValue),
            subtaskType: subtaskType,
            isImmutable: isImmutable
        )
        signature.extra = extra
        return signature
    }

    /// The keyword arguments as they stand now, members included.
    var kwargs: CeleryMap {
        var kwargs = contents.kwargs
        switch kind {
        case .task, .map, .chunks: break
        case .chain, .group: kwargs["tasks"] = .array(members.map(\.celeryValue))
        case .chord:
            kwargs["header"] = contents.header?.celeryValue ?? .array(members.map(\.celeryValue))
            kwargs["body"] = contents.body?.celeryValue ?? .null
        }
        return kwargs
    }

    /// Of a chain or group the tasks, of a chord those of the header.
    var members: [CanvasNode] {
        get { contents.members.nodes }
        set { contents.members.nodes = newValue }
    }

    var id: String? {
        get { options.text("task_id") }
        set { options["task_id"] = .option(newValue) }
    }

    var isEmptyGroup: Bool { kind == .group && members.isEmpty }
    var isEmptyChain: Bool { kind == .chain && members.isEmpty }

    /// The only member of a group of one; otherwise the group itself.
    var unrolled: CanvasNode { kind == .group && members.count == 1 ? members[0] : self }

    /// How many parts it adds to a chord that it is in the header of (`_chord._descend`).
    var chordParts: Int {
        switch kind {
        case .task, .map, .chunks: 1
        case .group: members.reduce(0) { $0 + $1.chordParts }
        case .chain: members.reversed().lazy.map(\.chordParts).first { $0 > 0 } ?? 0
        case .chord: contents.body?.chordParts ?? 0
        }
    }
}
