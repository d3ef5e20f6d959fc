/// One call's dialogue with the server: sends what is to be sent and takes the answers, a piece at a time.
///
/// Lives on the thread of the connections; nothing in it may wait.
protocol PostgresExchange: AnyObject {
    /// Sends and takes all that is possible now.
    func advance(_ link: PostgresLink, _ cache: inout PostgresStatementCache) -> PostgresProgress

    /// Ends the dialogue early by its own means. False: the server must be asked to cancel the statement.
    func interrupt(_ link: PostgresLink, reason: String) -> Bool

    /// Grows whenever the caller's data went on; the time limit begins anew then.
    var progress: Int { get }
    /// Whether it stopped only to let others have their turn.
    var canGoOn: Bool { get }
    /// Whether only the caller can carry it on, so that no time limit counts.
    var waitsForCaller: Bool { get }
}

extension PostgresExchange {
    func interrupt(_ link: PostgresLink, reason: String) -> Bool { false }
    var progress: Int { 0 }
    var canGoOn: Bool { false }
    var waitsForCaller: Bool { false }
}

/// How far an exchange has come.
enum PostgresProgress {
    case waiting
    /// The connection can take the next call.
    case done(Result<[PostgresRows], PostgresError>)
    /// The connection is in a state in which nobody can use it any more.
    case unusable(PostgresError)
}
