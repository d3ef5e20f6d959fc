/// One step of the database's schema. Steps are only ever added: what was released is never changed.
struct Migration: Sendable {
    /// From 1, without gaps.
    let version: Int
    let name: String
    /// Statements without parameters that run in one transaction with the note that they ran.
    let sql: String

    /// Every step, in order.
    static let all = [tables, ownership, partitions, moves]
}
