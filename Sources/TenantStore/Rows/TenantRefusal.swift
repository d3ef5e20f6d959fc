import Connections
import Foundation
import Sharding

/// What a server said instead of carrying out a call, as far as it makes the caller go on in another way.
enum TenantRefusal {
    /// The tenant went to another server, with all of `range`.
    case moved(range: TenantRange, to: String, version: Int64)
    /// The range is fenced, or arrives and is not opened yet.
    case beingMoved(isArriving: Bool)
    case notHere
    case noPartition
    /// The server is away or busy.
    case away(reason: String, mayHaveHappened: Bool)
    /// Nothing that waiting or asking elsewhere would mend.
    case final(any Error)

    /// The detail of TN001 and TN003 (see `Migration.ownership`).
    private struct Detail: Decodable {
        let first: Int
        let last: Int
        let owner: String
        let version: Int64
        let state: String
    }

    init(_ error: any Error, server: String) {
        guard let error = error as? PostgresError else {
            self = .final(error)
            return
        }
        let detail = error.detail.flatMap { try? JSONDecoder().decode(Detail.self, from: Data($0.utf8)) }
        switch (error.sqlState, detail) {
        case ("TN001", let detail?):
            self = .moved(
                range: TenantRange(clamping: detail.first, detail.last),
                to: detail.owner,
                version: detail.version
            )
        case ("TN003", let detail): self = .beingMoved(isArriving: detail?.state == "arriving")
        case ("TN002", _): self = .notHere
        case ("42P01", _) where error.message.contains("agent_data_"), ("23514", _): self = .noPartition
        default: self = Self.other(error, server: server)
        }
    }

    private static func other(_ error: PostgresError, server: String) -> TenantRefusal {
        switch error.sqlState {
        // Invalid text, unsupported escape (U+0000), invalid bytes: none of these can come from elsewhere than data.
        case "22P02", "22P05", "22021":
            let reason = [error.message, error.detail].compactMap { $0 }.joined(separator: ": ")
            return .final(TenantError.malformedJSON(row: nil, reason: reason))
        // The role, the schema, a function or a table is missing, or not granted.
        case "22023" where error.message.contains("chard_tenant"), "42704", "3F000", "42883", "42P01", "42501":
            return .final(TenantError.notMigrated(server: server, reason: error.message))
        case let state? where ["22", "23", "54"].contains(state.prefix(2)):
            return .final(TenantError.rejected(reason: error.message))
        default:
            if error.kind == .invalid { return .final(TenantError.rejected(reason: error.message)) }
            guard error.isRetriable else { return .final(error) }
            return .away(reason: error.message, mayHaveHappened: error.mayHaveHappened)
        }
    }
}
