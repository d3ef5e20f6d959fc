import Connections
import Sharding
import Testing

@testable import TenantStore

@Suite struct TenantRefusalTests {
    private func refusal(_ state: String, _ message: String, detail: String? = nil) -> TenantRefusal {
        TenantRefusal(PostgresError(.server(sqlState: state), message, detail: detail), server: "a")
    }

    @Test func aMoveNamesTheNewOwner() {
        let detail = #"{"first":1,"last":9,"owner":"b","version":3,"state":"moved"}"#
        guard case .moved(let range, "b", 3) = refusal("TN001", "moved", detail: detail) else {
            Issue.record("not read as a move")
            return
        }
        #expect(range.description == "1..9")
    }

    @Test func aPlainViolationOfUniquenessIsNoMissingPartition() {
        #expect(refusal("23505", "duplicate key").error as? TenantError == .rejected(reason: "duplicate key"))
        guard case .noPartition = refusal("23514", "no partition of relation \"agent_data\" found for row") else {
            Issue.record("not read as a missing partition")
            return
        }
    }

    @Test(arguments: ["22P02", "22P05", "22021"])
    func whatJSONBRefusesIsMalformed(_ state: String) {
        #expect(refusal(state, "m", detail: "d").error as? TenantError == .malformedJSON(row: nil, reason: "m: d"))
    }

    @Test(arguments: [("22023", "role \"chard_tenant\" does not exist"), ("3F000", "schema"), ("42501", "denied")])
    func aServerWithoutOurTablesIsToBeMigrated(_ state: String, _ message: String) {
        #expect(refusal(state, message).error as? TenantError == .notMigrated(server: "a", reason: message))
    }

    @Test func aServerThatIsAwayIsWaitedFor() {
        guard
            case .away("gone", true) = TenantRefusal(
                PostgresError(.connection, "gone", mayHaveHappened: true),
                server: "a"
            )
        else {
            Issue.record("not read as away")
            return
        }
    }
}
