import Sharding

/// What a move did.
package struct TenantMoveReport: Sendable {
    /// A range that went from one server to the target.
    package struct Part: Sendable {
        package let range: TenantRange
        package let source: String
        package let rows: Int
        /// How long the range took no writes.
        package let fenced: Duration
    }

    /// Empty when every tenant was there already.
    package internal(set) var parts: [Part] = []
}
