/// Why a call to PostgreSQL failed. The description is one line without passwords.
package struct PostgresError: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The server refused: SQLSTATE as in appendix A of the PostgreSQL manual, e.g. `23505` for a duplicate key.
        case server(sqlState: String)
        /// There is no connection, or it broke.
        case connection
        /// The server did not answer in time.
        case timeout
        /// No connection became free in time, or too many calls wait for one.
        case poolExhausted
        /// The waiting Swift task was cancelled.
        case cancelled
        /// The pool is closed, or the connection's turn is over.
        case closed
        /// The call can't be made as it is, e.g. U+0000 in a text or a column that is not there.
        case invalid
    }

    package var kind: Kind
    /// What is wrong, in the server's words where it spoke.
    package var message: String
    package var detail: String?
    package var hint: String?
    /// The table and the constraint that a server error names.
    package var table: String?
    package var constraint: String?
    /// Host and port; `nil` where no server had a part in it.
    package var endpoint: String?
    /// Whether a prepared statement no longer fits the tables below it. It is prepared anew by the next call.
    package internal(set) var isStalePlan = false
    /// Whether (part of) the statement may have taken effect, although the call failed: it had been sent, and no
    /// answer came. False means that it certainly had none.
    package var mayHaveHappened: Bool

    package init(
        _ kind: Kind,
        _ message: String,
        detail: String? = nil,
        hint: String? = nil,
        endpoint: String? = nil,
        mayHaveHappened: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.detail = detail
        self.hint = hint
        self.endpoint = endpoint
        self.mayHaveHappened = mayHaveHappened
    }

    /// The server's SQLSTATE, if it is the server that refused.
    package var sqlState: String? {
        if case .server(let state) = kind { state } else { nil }
    }

    /// Whether the same call can succeed later without anybody changing it: the server was away, busy, shutting down, or
    /// chose this transaction as the victim of a conflict. See `mayHaveHappened` before repeating it.
    package var isRetriable: Bool {
        switch kind {
        case .connection, .timeout, .poolExhausted: true
        case .cancelled, .closed, .invalid: false
        case .server(let state): isStalePlan || Self.isTransient(state)
        }
    }

    /// Classes 08 (connection), 40 (transaction rollback), 53 (resources); 55P03 lock not available, 57P01–57P05
    /// shut down or starting, 57014 cancelled (statement_timeout), 58030 I/O error, 25006 read-only (a standby).
    private static func isTransient(_ state: String) -> Bool {
        switch state.prefix(2) {
        case "08", "40", "53": return true
        default:
            return state.hasPrefix("57P0") || ["55P03", "57014", "58030", "25006"].contains(state)
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        var text = endpoint.map { "PostgreSQL at \($0): " } ?? "PostgreSQL: "
        text += message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let detail { text += "; \(detail)" }
        if let hint { text += "; hint: \(hint)" }
        if mayHaveHappened { text += "; it may have taken effect" }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
