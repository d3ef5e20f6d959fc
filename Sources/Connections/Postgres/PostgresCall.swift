/// What one call wants done on a connection, and who waits for it.
struct PostgresCall: Sendable {
    enum Work: Sendable {
        case statements([PostgresEncodedStatement])
        case script(String)
        case copy(String, PostgresCopyFeed)
    }

    let work: Work
    /// How long it may take once it was begun.
    let timeout: Duration
    let waiter: PostgresWaiter<[PostgresRows]>

    func makeExchange(endpoint: String) -> any PostgresExchange {
        switch work {
        case .statements(let statements): PostgresPipelineExchange(statements, endpoint: endpoint)
        case .script(let sql): PostgresScriptExchange(sql, endpoint: endpoint)
        case .copy(let sql, let feed): PostgresCopyExchange(sql, feed, endpoint: endpoint)
        }
    }
}

/// The right to use one connection alone.
struct PostgresTurn: Sendable, Hashable {
    let slot: Int
    let number: UInt64
}

/// What tasks want from the thread of the connections.
enum PostgresRequest: Sendable {
    /// On any connection.
    case call(PostgresCall)
    /// A connection for itself.
    case turn(PostgresWaiter<PostgresTurn>)
    case callInTurn(PostgresCall, PostgresTurn)
    case endTurn(PostgresTurn)

    /// Until when it may wait for a connection.
    var deadline: MonotonicTime {
        switch self {
        case .call(let call), .callInTurn(let call, _): call.waiter.deadline
        case .turn(let waiter): waiter.deadline
        case .endTurn: .distantFuture
        }
    }

    /// Whether nobody waits any more.
    var isFinished: Bool {
        switch self {
        case .call(let call), .callInTurn(let call, _): call.waiter.isFinished
        case .turn(let waiter): waiter.isFinished
        case .endTurn: false
        }
    }

    func fail(_ error: PostgresError) {
        switch self {
        case .call(let call), .callInTurn(let call, _): call.waiter.finish(.failure(error))
        case .turn(let waiter): waiter.finish(.failure(error))
        case .endTurn: break
        }
    }
}
