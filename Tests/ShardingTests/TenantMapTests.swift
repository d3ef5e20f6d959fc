import Sharding
import Testing

@Suite struct TenantMapTests {
    @Test func aRangeIsReadAndShown() throws {
        #expect(try TenantRange("1..99999") == TenantRange(1, 99_999))
        #expect(try TenantRange(" 7 ").description == "7")
        #expect(try TenantRange("0 .. 2147483647") == .all)
        #expect(try TenantRange.list("1..9, 20").map(\.description) == ["1..9", "20"])
    }

    @Test(arguments: ["", "a", "1...3", "1..", "..3", "-1..3", "1..2..3", "٣", "1,", "99999999999999999999"])
    func whatIsNoRangeIsRefused(_ text: String) {
        #expect(throws: TenantMapError.malformed(text)) { try TenantRange(text) }
    }

    @Test func boundsAreChecked() {
        #expect(throws: TenantMapError.backwards(first: 3, last: 1)) { try TenantRange("3..1") }
        #expect(throws: TenantMapError.outOfRange(tenant: 2_147_483_648)) { try TenantRange("1..2147483648") }
    }

    @Test func aTenantFindsItsServer() throws {
        let map = try TenantMap([
            ("b", TenantRange(100, 199)), ("a", TenantRange(1, 99)), ("a", TenantRange(500, 500)),
        ])
        #expect(
            [0, 1, 99, 100, 199, 200, 499, 500, 501].map { map.entry(of: $0)?.server } == [
                nil, "a", "a", "b", "b", nil, nil, "a", nil,
            ]
        )
    }

    @Test func sharedTenantsAreRefused() throws {
        let first = try TenantRange(1, 100)
        let second = try TenantRange(100, 200)
        #expect(throws: TenantMapError.overlap(first, of: "a", and: second, ofOther: "b")) {
            try TenantMap([("b", second), ("a", first)])
        }
        #expect(
            TenantMapError.overlap(first, of: "a", and: second, ofOther: "b").description
                == "servers a and b both own tenants: 1..100 and 100..200"
        )
    }

    @Test func aMoveSplitsWhatWasThere() throws {
        let map = try TenantMap([("a", TenantRange(1, 99)), ("b", TenantRange(100, 199))])
        let moved = map.moving(try TenantRange(50, 149), to: "c")
        #expect(moved.entries.map { "\($0.range)=\($0.server)" } == ["1..49=a", "50..149=c", "150..199=b"])
        let back = moved.moving(try TenantRange(60, 60), to: "a")
        #expect(back.entry(of: 59)?.server == "c")
        #expect(back.entry(of: 60)?.server == "a")
    }
}
