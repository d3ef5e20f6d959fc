import CLibpq

/// Text of one or more statements by the simple protocol.
final class PostgresScriptExchange: PostgresExchange {
    private let sql: String
    private let endpoint: String
    private var isSent = false
    private var rows: [PostgresRows] = []
    private var failure: PostgresError?

    init(_ sql: String, endpoint: String) {
        self.sql = sql
        self.endpoint = endpoint
    }

    func advance(_ link: PostgresLink, _ cache: inout PostgresStatementCache) -> PostgresProgress {
        if !isSent {
            isSent = true
            guard link.leavePipeline(), link.send(script: sql) else {
                let reason = PostgresLoginError.flat(link.errorMessage)
                return .unusable(PostgresError(.connection, reason, endpoint: endpoint))
            }
        }
        _ = link.flush()
        while !link.isBusy {
            guard let result = link.nextResult() else {
                return .done(failure.map { .failure($0) } ?? .success(rows))
            }
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                rows.append(PostgresRows(result: result))
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                let reason = "COPY of data must be made with copyIn"
                return .unusable(PostgresError(.invalid, reason, endpoint: endpoint))
            default:
                failure = failure ?? PostgresError(result, endpoint: endpoint)
            }
        }
        return .waiting
    }
}
