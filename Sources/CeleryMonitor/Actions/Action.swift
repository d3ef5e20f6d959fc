/// Something that an operator does: a form that posts to `/actions/<name>`, or one of Flower's API calls.
///
/// It is done by `ActionRunner` only, which checks role and read-only mode and writes the audit log, whatever its end.
protocol Action: Sendable {
    /// E.g. `queue-purge`; the path is `/actions/queue-purge`.
    static var name: String { get }

    /// Reads the form. Throws `PageError.badRequest` with what is missing or wrong.
    init(_ form: ActionForm) throws(PageError)

    /// What it is about, for the audit log: a queue, a worker, a task's id.
    var subject: String { get }

    /// What else the audit log keeps; never argument values or secrets.
    var details: String { get }

    /// Does it. Returns one line for the person: what happened.
    func run(_ monitor: Monitor, as identity: Identity) async throws -> String
}

extension Action {
    var details: String { "" }
}

/// A posted form's fields.
struct ActionForm: Sendable {
    var fields: [(key: String, value: String)]

    init(_ fields: [(key: String, value: String)]) { self.fields = fields }

    func value(_ key: String) -> String? { fields.last { $0.key == key && !$0.value.isEmpty }?.value }

    func values(_ key: String) -> [String] { fields.filter { $0.key == key && !$0.value.isEmpty }.map(\.value) }

    func text(_ key: String) throws(PageError) -> String {
        guard let value = value(key) else { throw .badRequest("the field \(key) is missing") }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(PageError) -> Int {
        let text = try text(key)
        guard let value = Int(text), range.contains(value) else {
            throw .badRequest("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
