import Foundation

/// Moments as PostgreSQL counts them: microseconds, UTC.
enum PostgresTime {
    /// Seconds between 1970 and 2000, where PostgreSQL's `timestamptz` begins.
    private static let epoch2000 = 946_684_800.0

    /// Microseconds since 2000, as in the binary format. Dates beyond what PostgreSQL can hold are cut to its bounds.
    static func since2000(_ date: Date) -> Int64 {
        let seconds = min(max(date.timeIntervalSince1970 - epoch2000, -2.1e11), 9.2e12)
        return Int64((seconds * 1_000_000).rounded())
    }

    /// From a column that `microseconds(of:)` makes.
    static func date(microseconds: Int) -> Date {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000 + epoch2000)
    }

    /// SQL for the moment that a `bigint` expression counts.
    static func timestamp(_ microseconds: String) -> String {
        "(timestamptz '2000-01-01 00:00:00+00' + \(microseconds) * interval '1 microsecond')"
    }

    /// SQL for the `bigint` that counts a moment.
    static func microseconds(of column: String) -> String {
        "(extract(epoch FROM \(column)) * 1000000)::bigint - 946684800000000"
    }
}
