import CLibpq
import Glibc

/// Owns one `PGresult`: rows stay where libpq put them, and are read from there.
///
/// The pointer never changes and a result is read-only after libpq made it, so that threads may read it together
/// (PostgreSQL manual, §34.21); it is cleared when nobody can read it any more.
final class PostgresResult: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var rows: Int { Int(PQntuples(pointer)) }
    var columns: Int { Int(PQnfields(pointer)) }
    var command: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }
    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    func name(ofColumn column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func type(ofColumn column: Int) -> UInt32 { PQftype(pointer, Int32(column)) }

    /// The column of that name; the first if there are several.
    func column(named name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            (0..<columns).first { column in
                guard let found = PQfname(pointer, Int32(column)) else { return false }
                // strlen first: the wanted name has no NUL at its end.
                guard strlen(found) == wanted.count, let wanted = wanted.baseAddress else { return false }
                return memcmp(found, wanted, strlen(found)) == 0
            }
        }
    }

    func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(pointer, Int32(row), Int32(column)) != 0 }

    /// Hands over the bytes of a value for the length of the call.
    func withBytes<Value>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let start = PQgetvalue(pointer, Int32(row), Int32(column))
        return body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, Int32(row), Int32(column)))))
    }

    /// A field of an error: one of libpq's `PG_DIAG_…`.
    func errorField(_ field: Character) -> String? {
        guard let code = field.asciiValue else { return nil }
        return PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }

    /// The whole text of an error, for those that have no fields because libpq itself made them.
    var errorMessage: String { PQresultErrorMessage(pointer).map { String(cString: $0) } ?? "" }
}
