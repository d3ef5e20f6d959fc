import CeleryProtocol
import OrderedCollections

/// The arguments of a built-in task by the names of Celery's parameters; those that are not asked for are ignored, as
/// its `**kwargs` does.
struct BuiltinArguments {
    let task: String
    private let values: CeleryMap

    init(_ task: String, _ parameters: [String], _ context: TaskContext) throws {
        self.task = task
        let (args, kwargs) = try context.arguments.values()
        var values = kwargs
        for (name, value) in zip(parameters, args) { values[name] = value }
        self.values = values
    }

    subscript(name: String) -> CeleryValue? { values[name].flatMap { $0 == .null ? nil : $0 } }

    /// - Throws: TypeError when the argument is missing or no list.
    func list(_ name: String) throws -> [CeleryValue] {
        guard let list = self[name]?.arrayValue else { throw wrong(name, "a list") }
        return list
    }

    /// - Throws: TypeError when the argument is missing or no signature.
    func signature(_ name: String) throws -> Signature {
        guard let signature = self[name].flatMap({ Signature(celeryValue: $0) }) else {
            throw wrong(name, "a signature")
        }
        return signature
    }

    /// - Throws: TypeError when the argument is missing or no text.
    func text(_ name: String) throws -> String {
        guard let text = self[name]?.stringValue else { throw wrong(name, "a text") }
        return text
    }

    private func wrong(_ name: String, _ what: String) -> ExceptionRecord {
        .typeError("\(task)() needs \(what) as its argument '\(name)'")
    }
}
