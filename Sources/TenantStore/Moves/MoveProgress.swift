import Connections

/// How far the target's copy is: of everything up to `watermark`, as far as the cursor; all up to `settled`.
struct MoveProgress: Sendable {
    var settled: Int
    var watermark: Int
    var cursorTenant: Int
    var cursorID: Int
    var rows: Int

    static let columns = "settled, watermark, cursor_tenant, cursor_id, row_count"

    init(_ row: PostgresRow) throws {
        settled = try row.int("settled")
        watermark = try row.int("watermark")
        cursorTenant = try row.int("cursor_tenant")
        cursorID = try row.int("cursor_id")
        rows = try row.int("row_count")
    }

    /// Nothing is there yet, so that whatever rows of the range the target has are of an earlier time.
    var isFresh: Bool { rows == 0 && settled == 0 && cursorTenant == -1 }
}

extension MoveProgress {
    /// A round of its own, from the beginning.
    init(settled: Int, watermark: Int) {
        self.settled = settled
        self.watermark = watermark
        cursorTenant = -1
        cursorID = 0
        rows = 0
    }
}
