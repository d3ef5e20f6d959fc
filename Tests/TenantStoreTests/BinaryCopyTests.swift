import Foundation
import Testing

@testable import TenantStore

@Suite struct BinaryCopyTests {
    @Test func aRowIsWrittenAsTheManualSays() {
        var copy = BinaryCopy()
        copy.beginRow(columns: 3)
        copy.add(Int64(1))
        copy.add(json: Array("{}".utf8))
        copy.addNull()
        copy.end()
        let header: [UInt8] = [80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let number: [UInt8] = [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1]
        let json: [UInt8] = [0, 0, 0, 3, 1, 0x7B, 0x7D]
        let end: [UInt8] = [255, 255, 255, 255, 255, 255]
        let row: [UInt8] = [0, 3] + number + json
        #expect(copy.bytes == header + row + end)
    }

    @Test func piecesEndOnceAndNameDatesOnlyWhereThereAreAny() async {
        let row = NewTenantRow(agentID: UUID(), data: String(repeating: "x", count: 60_000))
        let copy = NewRowsCopy(Array(repeating: row, count: 10), task: "t")
        #expect(copy.columns == "agent_id, data, task_id")
        var pieces: [[UInt8]] = []
        for await piece in copy { pieces.append(piece) }
        #expect(pieces.count == 4)
        #expect(pieces.joined().count == 600_341)
        #expect(
            NewRowsCopy([NewTenantRow(agentID: UUID(), data: "", createdAt: Date()), row], task: "t").columns
                == "agent_id, data, created_at, task_id"
        )
    }

    @Test func momentsAreCountedFrom2000() {
        #expect(PostgresTime.since2000(Date(timeIntervalSince1970: 946_684_800)) == 0)
        #expect(PostgresTime.since2000(Date(timeIntervalSince1970: 946_684_801.5)) == 1_500_000)
        #expect(PostgresTime.date(microseconds: 1_500_000).timeIntervalSince1970 == 946_684_801.5)
        #expect(PostgresTime.since2000(.distantFuture) > 0)
        #expect(PostgresTime.since2000(Date(timeIntervalSince1970: .infinity)) > 0)
    }

    @Test func elementsOfAnArrayAreQuoted() {
        #expect(
            TenantWrite.arrayLiteral([#"{"a":"b\"}"#, "'); DROP TABLE x; --"])
                == #"{"{\"a\":\"b\\\"}","'); DROP TABLE x; --"}"#
        )
        #expect(TenantWrite.arrayLiteral([]) == "{}")
    }
}
