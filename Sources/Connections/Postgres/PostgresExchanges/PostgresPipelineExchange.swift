import CLibpq

/// Statements with parameters, sent one behind the other and ended by one Sync (PostgreSQL manual, §34.5).
///
/// Without an open transaction the server runs them as one and commits at the Sync, so they have happened only when the
/// answer to the Sync is there.
final class PostgresPipelineExchange: PostgresExchange {
    private typealias Key = PostgresEncodedStatement.Key

    /// What an answer belongs to.
    private enum Expected {
        case clearing
        case prepared(Key, name: String)
        case answer
        case sync
    }

    private let statements: [PostgresEncodedStatement]
    private let endpoint: String
    private var sent = 0
    private var isBegun = false
    private var isSyncSent = false
    private var expected = FIFO<Expected>()
    /// Whether the first of `expected` has had its result.
    private var hasResult = false
    /// Names of statements that this exchange has asked the server to prepare.
    private var preparing: [Key: String] = [:]
    private var rows: [PostgresRows] = []
    private var failure: PostgresError?

    init(_ statements: [PostgresEncodedStatement], endpoint: String) {
        self.statements = statements
        self.endpoint = endpoint
        rows.reserveCapacity(statements.count)
    }

    func advance(_ link: PostgresLink, _ cache: inout PostgresStatementCache) -> PostgresProgress {
        do throws(PostgresError) {
            try send(link, &cache)
            guard try receive(link, &cache) else { return .waiting }
            if let failure { return .done(.failure(failure)) }
            return .done(.success(rows))
        } catch {
            return .unusable(error)
        }
    }

    /// Sends as long as the socket takes it: what piles up in libpq is moved with every write.
    private func send(_ link: PostgresLink, _ cache: inout PostgresStatementCache) throws(PostgresError) {
        if !isBegun { try begin(link, &cache) }
        guard !isSyncSent else {
            _ = link.flush()
            return
        }
        var unsent = 0
        while sent < statements.count {
            try send(statements[sent], link, &cache)
            unsent += statements[sent].size
            sent += 1
            guard unsent > 64 << 10 else { continue }
            guard link.flush() else { return }
            unsent = 0
        }
        try require(link.sendSync(), link)
        expected.append(.sync)
        isSyncSent = true
        _ = link.flush()
    }

    private func begin(_ link: PostgresLink, _ cache: inout PostgresStatementCache) throws(PostgresError) {
        isBegun = true
        try require(link.enterPipeline(), link)
        guard cache.needsClearing, link.transactionStatus == PQTRANS_IDLE else { return }
        try require(link.send(PostgresEncodedStatement("DEALLOCATE ALL", []), prepared: nil), link)
        try require(link.sendSync(), link)
        expected.append(.clearing)
        expected.append(.sync)
        cache.clear()
    }

    private func send(
        _ statement: PostgresEncodedStatement,
        _ link: PostgresLink,
        _ cache: inout PostgresStatementCache
    ) throws(PostgresError) {
        var name = preparing[statement.key]
        if name == nil {
            switch cache.way(for: statement.key) {
            case .once: break
            case .prepared(let known): name = known
            case .prepare(let new):
                try require(link.prepare(statement, name: new), link)
                expected.append(.prepared(statement.key, name: new))
                preparing[statement.key] = new
                name = new
            }
        }
        try require(link.send(statement, prepared: name), link)
        expected.append(.answer)
    }

    /// - Returns: Whether all answers are there.
    private func receive(_ link: PostgresLink, _ cache: inout PostgresStatementCache) throws(PostgresError) -> Bool {
        var empty = 0
        while let item = expected.first {
            if link.isBusy { return false }
            if let result = link.nextResult() {
                empty = 0
                try take(result, for: item, &cache)
                continue
            }
            // The end of one statement's results; libpq says so once more between a Sync and what follows.
            empty += 1
            guard empty < 4 else { throw PostgresError(.connection, "the answers do not fit", endpoint: endpoint) }
            if hasResult { advanceExpected() }
        }
        return isSyncSent
    }

    private func take(
        _ result: PostgresResult,
        for item: Expected,
        _ cache: inout PostgresStatementCache
    ) throws(PostgresError) {
        hasResult = true
        switch result.status {
        case PGRES_PIPELINE_SYNC:
            advanceExpected()
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if case .prepared(let key, let name) = item { cache.add(key, name: name) }
            if case .answer = item { rows.append(PostgresRows(result: result)) }
        case PGRES_PIPELINE_ABORTED:
            break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(.invalid, "COPY of data must be made with copyIn", endpoint: endpoint)
        default:
            note(PostgresError(result, endpoint: endpoint), of: item, &cache)
        }
    }

    private func note(_ error: PostgresError, of item: Expected, _ cache: inout PostgresStatementCache) {
        if case .clearing = item { return }
        failure = failure ?? error
        if error.isStalePlan { cache.invalidate() }
    }

    private func advanceExpected() {
        _ = expected.popFirst()
        hasResult = false
    }

    /// Without a Sync the server undoes what it was sent, so that giving up the connection is safe.
    private func require(_ success: Bool, _ link: PostgresLink) throws(PostgresError) {
        guard success else {
            throw PostgresError(.connection, PostgresLoginError.flat(link.errorMessage), endpoint: endpoint)
        }
    }
}
