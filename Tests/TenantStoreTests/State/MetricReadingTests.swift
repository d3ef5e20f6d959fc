import Connections
import Testing

@testable import TenantStore

struct MetricReadingTests {
    private func reading(_ fields: [(String, String)]) throws -> MetricReading {
        let values = fields.flatMap { [RedisValue.string(Array($0.0.utf8)), .string(Array($0.1.utf8))] }
        return try MetricReading(.array(values), key: "metrics:a:b")
    }

    @Test func theValueIsTheSumOverNodesAndTheirLives() throws {
        let reading = try reading([
            ("celery@a#1:p", "10"), ("celery@a#1:n", "3"), ("celery@a#2:p", "5"), ("b#1:n", "20"), ("retired:p", "100"),
        ])
        #expect(reading.total == 92)
        #expect(reading.nodes == ["celery@a": 12, "b": -20, "retired": 100])
    }

    @Test func nothingIsZero() throws {
        #expect(try reading([]).total == 0)
    }

    @Test func sumsStopAtTheEnds() throws {
        let most = String(Int.max)
        #expect(try reading([("a#1:p", most), ("b#1:p", most)]).total == .max)
        #expect(try reading([("a#1:n", most), ("b#1:n", most)]).total == .min)
    }

    @Test(arguments: [("a#1:p", "x"), ("a#1:p", "-1"), ("a#1", "1"), ("a#1:p", "99999999999999999999"), ("a#1:p", "")])
    func whatIsNoCountIsRefused(_ field: String, _ value: String) {
        #expect(throws: StateError.self) { try reading([(field, value)]) }
    }

    @Test func countersStopAtTheEndInsteadOfTrapping() throws {
        let counter = MetricCounter(name: try MetricName(service: "a", metric: "b")) {}
        for _ in 0..<3 {
            counter.increment(by: .max)
            counter.increment(by: .min)
        }
        #expect(counter.totals == MetricCounter.Totals(added: .max, taken: .max))
    }
}
