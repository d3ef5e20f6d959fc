import Foundation

/// New rows as the data of a COPY, made piece by piece while the pieces before are sent.
///
/// Columns: agent_id, data, created_at where any row has one, task_id.
struct NewRowsCopy: AsyncSequence, Sendable {
    /// The bytes at which a piece ends.
    private static let pieceSize = 128 * 1_024

    let rows: [NewTenantRow]
    let task: String
    let hasDates: Bool

    init(_ rows: [NewTenantRow], task: String) {
        self.rows = rows
        self.task = task
        hasDates = rows.contains { $0.createdAt != nil }
    }

    var columns: String { hasDates ? "agent_id, data, created_at, task_id" : "agent_id, data, task_id" }

    func makeAsyncIterator() -> Iterator { Iterator(copy: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let copy: NewRowsCopy
        private var encoder = BinaryCopy()
        private var next = 0
        private var isDone = false
        /// For rows without a date beside rows that have one.
        private let now = Date()

        init(copy: NewRowsCopy) { self.copy = copy }

        mutating func next() async -> [UInt8]? {
            guard !isDone else { return nil }
            while next < copy.rows.count, encoder.bytes.count < NewRowsCopy.pieceSize {
                add(copy.rows[next])
                next += 1
            }
            if next == copy.rows.count {
                encoder.end()
                isDone = true
            }
            return encoder.take()
        }

        private mutating func add(_ row: NewTenantRow) {
            encoder.beginRow(columns: copy.hasDates ? 4 : 3)
            encoder.add(row.agentID)
            encoder.add(json: row.data.utf8)
            if copy.hasDates { encoder.add(PostgresTime.since2000(row.createdAt ?? now)) }
            encoder.add(copy.task)
        }
    }
}
