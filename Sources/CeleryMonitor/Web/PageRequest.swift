/// What a page is asked for.
struct PageRequest: Sendable {
    /// Below the prefix, e.g. `/tasks`.
    var path: String
    var parameters: [String: String] = [:]
    /// Decoded; a key that is there several times keeps all its values, in order.
    var query: [(key: String, value: String)] = []
    var identity: Identity
    /// Whether nothing may be changed: by the settings or by the role.
    var isReadOnly: Bool

    func value(_ key: String) -> String? { query.last { $0.key == key && !$0.value.isEmpty }?.value }

    func values(_ key: String) -> [String] { query.filter { $0.key == key && !$0.value.isEmpty }.map(\.value) }

    func parameter(_ name: String) throws(PageError) -> String {
        guard let value = parameters[name], !value.isEmpty else { throw .notFound("the address lacks \(name)") }
        return value
    }
}
