import CeleryWorker

extension Signature {
    /// `name.s(…)` of one of the suite's tasks.
    static func suite(_ name: String, _ args: CeleryValue...) -> Signature { suite(name, args) }

    /// `name.s(*args)`, or `name.si(*args)`.
    static func suite(_ name: String, _ args: [CeleryValue], isImmutable: Bool = false) -> Signature {
        Signature("t.integration.tasks." + name, args: args, isImmutable: isImmutable)
    }
}

/// A kind of canvas around some tasks.
protocol CanvasKind: Sendable {
    static var name: String { get }
    static func around(_ tasks: [Signature]) throws -> Signature
}

enum ChainKind: CanvasKind {
    static let name = "chain"
    static func around(_ tasks: [Signature]) throws -> Signature { try .chain(tasks) }
}

enum GroupKind: CanvasKind {
    static let name = "group"
    static func around(_ tasks: [Signature]) throws -> Signature { .group(tasks) }
}

enum ChordKind: CanvasKind {
    static let name = "chord"
    static func around(_ tasks: [Signature]) throws -> Signature { .chord(tasks, body: .suite("add")) }
}

/// Returns the signature of one canvas in another around `add.s()`.
struct ReturnNestedSignature<Outer: CanvasKind, Inner: CanvasKind>: RunnableTask {
    static var name: String { "t.integration.tasks.return_nested_signature_\(Outer.name)_\(Inner.name)" }

    func run(_ context: TaskContext) async throws -> CeleryValue {
        try Outer.around([try Inner.around([.suite("add")])]).celeryValue
    }
}

/// Makes a signature from its map again, with all that are in it.
struct RebuildSignature: RunnableTask {
    static let name = "t.integration.tasks.rebuild_signature"
    var sig_dict: CeleryValue

    func run(_ context: TaskContext) async throws { try Self.check(sig_dict) }

    private static func check(_ value: CeleryValue) throws {
        guard let signature = Signature(celeryValue: value) else {
            throw ExceptionRecord.typeError("\(PythonRepr.repr(value)) is not a signature object")
        }
        let key = signature.subtaskType == "chord" ? "header" : "tasks"
        guard signature.subtaskType != nil, let members = signature.kwargs[key] else { return }
        if members.mapValue != nil {
            try check(members)
        } else {
            for member in members.arrayValue ?? [] { try check(member) }
        }
        if signature.subtaskType == "chord" { try check(signature.kwargs["body"] ?? .null) }
    }
}
