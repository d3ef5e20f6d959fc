import CeleryProtocol
import Testing

@testable import CeleryWorker

@Suite struct ChildIDsTests {
    private func first(_ ids: ChildIDs) -> String {
        var ids = ids
        return ids.next()
    }

    @Test func aRepeatedTaskCausesTheSameIDs() throws {
        let message = try TaskMessage.sample()
        #expect(first(ChildIDs(of: message)) == first(ChildIDs(of: message)))
        var ids = ChildIDs(of: message)
        #expect(Set((0..<100).map { _ in ids.next() }).count == 100)
    }

    @Test func triesErrbacksAndChordsAreApart() throws {
        let message = try TaskMessage.sample()
        let retried = try TaskMessage.sample { $0.retries = 1 }
        let all = [
            ChildIDs(of: message), ChildIDs(of: retried), ChildIDs(ofErrbacks: message.id),
            ChildIDs(ofErrbacks: message.id, retries: 1), ChildIDs(ofErrbacks: "other"), ChildIDs(ofChord: message.id),
        ]
        #expect(Set(all.map(first)).count == all.count)
    }
}
