import CeleryWorker

/// Who is what by the claims of a token: values are compared exactly, never as patterns, for a pattern that matches more
/// than was meant has been Flower's hole (CVE-2022-30034).
struct RoleRule: Sendable, Hashable {
    /// `a.b` for `b` in the object `a`.
    var claim = "roles"
    var operators: Set<String> = []
    /// `*`: everybody.
    var viewers: Set<String> = ["*"]
    /// What the audit log calls them.
    var nameClaim: String?

    init() {}

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.RoleKeys.self
        claim = reader.text(keys.claim)?.text ?? claim
        operators = Set(reader.values(keys.operators)?.map(\.text) ?? [])
        viewers = Set(reader.values(keys.viewers)?.map(\.text) ?? ["*"])
        nameClaim = reader.text(keys.name)?.text
    }

    /// Nil: neither.
    ///
    /// - Parameter also: What counts beside the claim: an e-mail address.
    func role(_ claims: Claims, also: String? = nil) -> Role? {
        let values = claims.texts(claim).union(also.map { [$0] } ?? [])
        if !operators.isDisjoint(with: values) { return .operator_ }
        return viewers.contains("*") || !viewers.isDisjoint(with: values) ? .viewer : nil
    }

    func name(_ claims: Claims) -> String {
        (nameClaim.flatMap(claims.text) ?? claims.text("email") ?? claims.text("sub")) ?? "somebody"
    }
}
