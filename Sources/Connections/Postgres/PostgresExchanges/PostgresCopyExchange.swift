import CLibpq

/// A `COPY … FROM STDIN` and its data.
final class PostgresCopyExchange: PostgresExchange {
    private enum Phase {
        case unsent
        case starting
        case feeding
        /// No more data goes out; the end of the COPY, with a reason if it is to fail, must still.
        case stopping(failure: String?)
        case ending
    }

    /// libpq copies what it is given into its buffer, and moves what is left of it with each write.
    private static let sliceSize = 64 << 10
    /// How much is sent before others have their turn, and before it is seen what the server says.
    private static let budgetPerTurn = 1 << 20

    private let sql: String
    private let feed: PostgresCopyFeed
    private let endpoint: String
    private var phase = Phase.unsent
    private var slice: ArraySlice<UInt8> = []
    private var noticesBefore = 0
    private var rows: [PostgresRows] = []
    private var failure: PostgresError?
    private(set) var progress = 0
    private(set) var canGoOn = false
    private(set) var waitsForCaller = false

    init(_ sql: String, _ feed: PostgresCopyFeed, endpoint: String) {
        self.sql = sql
        self.feed = feed
        self.endpoint = endpoint
    }

    func advance(_ link: PostgresLink, _ cache: inout PostgresStatementCache) -> PostgresProgress {
        waitsForCaller = false
        canGoOn = false
        if case .unsent = phase {
            phase = .starting
            guard link.leavePipeline(), link.send(script: sql) else { return unusable(link.errorMessage) }
        }
        if case .starting = phase, let end = takeResults(link) { return end }
        do throws(PostgresLinkFailure) {
            if case .feeding = phase { try sendData(link) }
            if case .stopping(let reason) = phase, try link.endCopy(failure: reason) { phase = .ending }
        } catch {
            return unusable(error.reason)
        }
        _ = link.flush()
        if case .ending = phase, let end = takeResults(link) { return end }
        return .waiting
    }

    func interrupt(_ link: PostgresLink, reason: String) -> Bool {
        guard case .feeding = phase else { return false }
        phase = .stopping(failure: reason)
        return true
    }

    /// To be told when something came in: during a COPY the server only speaks to say that it failed, but libpq shows
    /// that no sooner than the data has ended. Notices, which it does handle, do not count.
    func noteInput(_ link: PostgresLink) {
        // Parses what came.
        guard case .feeding = phase, !link.isBusy else { return }
        guard link.notices == noticesBefore else {
            noticesBefore = link.notices
            return
        }
        phase = .stopping(failure: "the server spoke during the COPY")
    }

    private func sendData(_ link: PostgresLink) throws(PostgresLinkFailure) {
        var budget = Self.budgetPerTurn
        while link.flush() {
            guard budget > 0 else {
                canGoOn = true
                return
            }
            if slice.isEmpty {
                switch feed.next() {
                case .chunk(let chunk): slice = chunk[...]
                case .none:
                    waitsForCaller = true
                    return
                case .end(let failure):
                    phase = .stopping(failure: failure)
                    return
                }
            }
            let piece = slice.prefix(Self.sliceSize)
            guard try link.put(piece) else { return }
            slice = slice.dropFirst(piece.count)
            budget -= piece.count
            progress += 1
        }
    }

    /// - Returns: How it ended; `nil` while it goes on.
    private func takeResults(_ link: PostgresLink) -> PostgresProgress? {
        while !link.isBusy {
            guard let result = link.nextResult() else { return .done(outcome) }
            switch result.status {
            case PGRES_COPY_IN:
                noticesBefore = link.notices
                phase = .feeding
                return nil
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                rows.append(PostgresRows(result: result))
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                return .unusable(notCopy)
            default:
                failure = failure ?? PostgresError(result, endpoint: endpoint)
            }
        }
        return nil
    }

    private var outcome: Result<[PostgresRows], PostgresError> {
        if let failure { return .failure(failure) }
        if case .ending = phase { return .success(rows) }
        return .failure(notCopy)
    }

    private var notCopy: PostgresError {
        PostgresError(.invalid, "copyIn needs a COPY … FROM STDIN", endpoint: endpoint)
    }

    private func unusable(_ reason: String) -> PostgresProgress {
        .unusable(PostgresError(.connection, PostgresLoginError.flat(reason), endpoint: endpoint))
    }
}
