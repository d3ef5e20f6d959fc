import Testing

@testable import CeleryWorker

@Suite("Partitions: which one an agent belongs to")
struct PartitionHashTests {
    /// Made by `int(hashlib.md5(text.encode()).hexdigest(), 16) % n`.
    @Test(arguments: [
        ("agent-1", 2, 4, 882),
        ("", 6, 1, 366),
        ("7", 5, 5, 555),
        ("3f2b8c1e-6a54-4d0e-9d61-0b6f5a9e7c11", 9, 6, 599),
        ("Ümläut 🥬", 5, 2, 335),
        ("e\u{301}", 3, 4, 63),
    ])
    func asPythonComputesIt(agent: String, of10: Int, of7: Int, of1000: Int) {
        #expect(PartitionHash.partition(of: agent, count: 10) == of10)
        #expect(PartitionHash.partition(of: agent, count: 7) == of7)
        #expect(PartitionHash.partition(of: agent, count: 1000) == of1000)
        #expect(PartitionHash.partition(of: agent, count: 1) == 0)
    }

    @Test func agentsSpreadEvenly() {
        var counts = Array(repeating: 0, count: 10)
        for number in 0..<10_000 { counts[PartitionHash.partition(of: "agent-\(number)", count: 10)] += 1 }
        // Five standard deviations of a fair draw, which is 30.
        #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    }

    @Test func namesOfPartitionsAreReadBack() {
        let settings = PartitionSettings(exchange: "ai.tasks", count: 10)
        #expect((0..<10).allSatisfy { settings.partition(named: settings.name($0)) == $0 })
        for name in [
            "ai.tasks", "ai.tasks.10", "ai.tasks.-1", "ai.tasks.01", "ai.tasks.+1", "ai.tasks.", "ai.tasks.dead",
        ] {
            #expect(settings.partition(named: name) == nil)
        }
    }
}
