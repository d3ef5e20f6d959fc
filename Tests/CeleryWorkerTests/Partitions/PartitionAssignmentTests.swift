import Testing

@testable import CeleryWorker

@Suite("Partitions: who gets which")
struct PartitionAssignmentTests {
    private func moves(_ before: PartitionAssignment, _ after: PartitionAssignment) -> [Int] {
        after.owners.filter { before.owners[$0.key] != $0.value }.keys.sorted()
    }

    private func loads(_ assignment: PartitionAssignment, _ workers: [String]) -> [Int] {
        workers.map { assignment.partitions(of: $0).count }
    }

    @Test func nobodyGetsNothing() {
        #expect(PartitionAssignment([1: "gone"]).balanced(count: 10, workers: []).owners.isEmpty)
    }

    @Test func oneGetsAll() {
        #expect(PartitionAssignment().balanced(count: 10, workers: ["a"]).partitions(of: "a") == Set(0..<10))
    }

    @Test func theOrderOfTheWorkersDoesNotMatter() {
        let one = PartitionAssignment().balanced(count: 10, workers: ["a", "b", "c"])
        #expect(one == PartitionAssignment().balanced(count: 10, workers: ["c", "a", "b", "a"]))
    }

    @Test func balancingTwiceChangesNothing() {
        let one = PartitionAssignment().balanced(count: 10, workers: ["a", "b", "c"])
        #expect(one.balanced(count: 10, workers: ["a", "b", "c"]) == one)
    }

    /// Workers come and go in all ways for a while; what must hold after every single step.
    @Test(arguments: [1, 2, 7, 10, 64])
    func onlyAffectedPartitionsMove(count: Int) {
        var random = SystemRandomNumberGenerator()
        var workers: [String] = []
        var assignment = PartitionAssignment()
        for step in 0..<300 {
            let before = assignment
            let gone = workers.isEmpty || Bool.random(using: &random) ? nil : workers.randomElement(using: &random)
            if let gone { workers.removeAll { $0 == gone } } else { workers.append("w\(step)") }
            assignment = before.balanced(count: count, workers: workers)
            guard !workers.isEmpty else {
                #expect(assignment.owners.isEmpty)
                continue
            }
            let loads = loads(assignment, workers)
            #expect(assignment.owners.keys.sorted() == Array(0..<count))
            #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
            let moved = Set(moves(before, assignment))
            if let gone {
                #expect(moved == before.partitions(of: gone))
            } else {
                #expect(moved == assignment.partitions(of: "w\(step)"))
            }
        }
    }

    @Test func severalThatGoAtOnceMoveOnlyTheirs() {
        let before = PartitionAssignment().balanced(count: 10, workers: ["a", "b", "c", "d", "e"])
        let after = before.balanced(count: 10, workers: ["a", "c", "e"])
        #expect(Set(moves(before, after)) == before.partitions(of: "b").union(before.partitions(of: "d")))
        #expect(loads(after, ["a", "c", "e"]).sorted() == [3, 3, 4])
    }

    @Test func whatIsServedStaysWhenTheTableIsLost() {
        let claims = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, $0 < 5 ? "b" : "a") })
        let after = PartitionAssignment().balanced(count: 10, workers: ["a", "b"], claims: claims)
        #expect(after.owners == claims)
    }

    @Test func anOwnerWinsOverAClaim() {
        let owners = PartitionAssignment([0: "a", 1: "b"])
        #expect(owners.balanced(count: 2, workers: ["a", "b"], claims: [0: "b", 1: "a"]) == owners)
    }

    @Test func moreWorkersThanPartitions() {
        let workers = (0..<15).map { "w\($0)" }
        let after = PartitionAssignment().balanced(count: 10, workers: workers)
        #expect(loads(after, workers).filter { $0 == 1 }.count == 10)
    }
}
