import CeleryProtocol
import OrderedCollections
import Testing

@testable import CeleryWorker

@Suite struct FailedChainTests {
    private func task(_ name: String) -> Signature { Signature(name, options: ["task_id": .string("id-\(name)")]) }

    @Test func descendsIntoTheBodiesOfChordsAfterTheChain() {
        let inner = Signature("celery.chord", kwargs: ["body": task("inner body").celeryValue], subtaskType: "chord")
        let chord = Signature("celery.chord", kwargs: ["body": inner.celeryValue], subtaskType: "chord")
        let names = FailedChain.tasks([task("a"), chord, task("b")]).map(\.task)
        #expect(names == ["a", "celery.chord", "b", "celery.chord", "inner body"])
    }

    @Test func nothingFollowsNothing() { #expect(FailedChain.tasks([]).isEmpty) }
}

@Suite struct ChordMembershipTests {
    @Test func needsGroupIdAndBody() {
        let body = Signature("body").celeryValue
        let whole: CeleryMap = ["task_id": "t", "group_id": "g", "group_index": 3, "chord": body]
        let membership = ChordMembership(Signature("a", options: whole))
        #expect(membership?.taskID == "t" && membership?.group == "g" && membership?.index == 3)
        for missing in ["task_id", "group_id", "chord"] {
            var options = whole
            options[missing] = nil
            #expect(ChordMembership(Signature("a", options: options)) == nil)
        }
    }
}
