import CLibpq
import Glibc

/// The only owner of a `PGconn`: what libpq does, without ever waiting. One thread only.
final class PostgresLink {
    private let connection: OpaquePointer
    /// Counts notices; libpq would print them to stderr.
    private let noticeCount: UnsafeMutablePointer<Int>
    private var values: [UnsafePointer<CChar>?] = []

    /// Starts to connect: `poll` carries it on. A failure is told by `isBroken`.
    ///
    /// - Parameter settings: libpq's parameters (PostgreSQL manual, §34.1.2). Host names must be resolved in them
    ///   (`hostaddr`), because libpq would wait for the name server.
    init?(settings: [(name: String, value: String)]) {
        let keywords = settings.map { strdup($0.name) } + [nil]
        let values = settings.map { strdup($0.value) } + [nil]
        defer { for text in keywords + values { free(text) } }
        let started = PQconnectStartParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
        guard let started else { return nil }
        connection = started
        noticeCount = .allocate(capacity: 1)
        noticeCount.initialize(to: 0)
        PQsetNoticeReceiver(
            connection,
            { count, _ in count?.assumingMemoryBound(to: Int.self).pointee += 1 },
            noticeCount
        )
        // So that the text of a refused login carries its SQLSTATE; results have fields of their own.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    }

    deinit {
        PQfinish(connection)
        noticeCount.deallocate()
    }

    var descriptor: Int32 { PQsocket(connection) }
    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(connection) }
    var errorMessage: String { PQerrorMessage(connection).map { String(cString: $0) } ?? "" }
    var serverProcess: Int32 { PQbackendPID(connection) }
    /// 150_018 for 15.18.
    var serverVersion: Int { Int(PQserverVersion(connection)) }
    /// How many notices have come so far.
    var notices: Int { noticeCount.pointee }

    /// Carries on connecting.
    func poll() -> PostgresPollingStatusType { PQconnectPoll(connection) }

    /// To be called once when connected.
    func becomeNonBlocking() -> Bool { PQsetnonblocking(connection, 1) == 0 }

    /// Reads what has come. False when the connection is gone; results that came before can still be taken.
    func consumeInput() -> Bool { PQconsumeInput(connection) != 0 }

    /// Sends what it can. True when nothing is left to send.
    func flush() -> Bool { PQflush(connection) != 1 }

    /// Whether the next result is not there yet.
    var isBusy: Bool { PQisBusy(connection) != 0 }

    /// The next result; `nil` behind the last one of a statement. Waits unless `isBusy` is false or the link is broken.
    func nextResult() -> PostgresResult? { PQgetResult(connection).map { PostgresResult($0) } }

    /// What another thread needs to ask the server to stop the running statement.
    func makeCancel() -> OpaquePointer? { PQgetCancel(connection) }

    func enterPipeline() -> Bool {
        PQpipelineStatus(connection) == PQ_PIPELINE_ON || PQenterPipelineMode(connection) == 1
    }

    func leavePipeline() -> Bool {
        PQpipelineStatus(connection) == PQ_PIPELINE_OFF || PQexitPipelineMode(connection) == 1
    }

    func sendSync() -> Bool { PQpipelineSync(connection) == 1 }

    /// Sends text that may hold several statements. Not inside a pipeline.
    func send(script: String) -> Bool { PQsendQuery(connection, script) == 1 }

    func prepare(_ statement: PostgresEncodedStatement, name: String) -> Bool {
        let types = statement.key.types
        return PQsendPrepare(connection, name, statement.sql, Int32(types.count), types) == 1
    }

    func send(_ statement: PostgresEncodedStatement, prepared name: String?) -> Bool {
        let parameters = statement.parameters
        return parameters.data.withUnsafeBytes { data in
            values.removeAll(keepingCapacity: true)
            let base = data.baseAddress ?? UnsafeRawPointer(noticeCount)
            for offset in parameters.offsets {
                values.append(offset < 0 ? nil : (base + offset).assumingMemoryBound(to: CChar.self))
            }
            let count = Int32(parameters.count)
            if let name {
                return PQsendQueryPrepared(connection, name, count, values, parameters.lengths, parameters.formats, 0)
                    == 1
            }
            let types = statement.key.types.isEmpty ? nil : statement.key.types
            return PQsendQueryParams(
                connection,
                statement.sql,
                count,
                types,
                values,
                parameters.lengths,
                parameters.formats,
                0
            ) == 1
        }
    }

    /// Hands over data of a COPY. False: there was no room; the same again later.
    func put(_ data: ArraySlice<UInt8>) throws(PostgresLinkFailure) -> Bool {
        let outcome = data.withUnsafeBytes { bytes in
            PQputCopyData(connection, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
        guard outcome >= 0 else { throw PostgresLinkFailure(reason: errorMessage) }
        return outcome == 1
    }

    /// Ends a COPY; with a reason, the server throws away what it got. False: there was no room; the same again later.
    func endCopy(failure reason: String?) throws(PostgresLinkFailure) -> Bool {
        let outcome = PQputCopyEnd(connection, reason)
        guard outcome >= 0 else { throw PostgresLinkFailure(reason: errorMessage) }
        return outcome == 1
    }
}

/// libpq could not do something; the connection is of no more use.
struct PostgresLinkFailure: Error {
    let reason: String
}
