import OrderedCollections
import Testing

@testable import CeleryProtocol

@Suite struct CanvasTests {
    private func canvas() -> Canvas {
        var count = 0
        return Canvas(parentID: "parent", rootID: "root") {
            count += 1
            return "id-\(count)"
        }
    }

    @Test func aChainOfManyTasksIsPlannedInOneGo() throws {
        let tasks = (0..<20_000).map { Signature("a", args: [.int($0)]) }
        var canvas = canvas()
        let plan = try canvas.apply(try Signature.chain(tasks))
        #expect(plan.messages.count == 1)
        #expect(plan.messages[0].options["chain"]?.arrayValue?.count == 19_999)
        var parents = 0
        var result = plan.result
        while let parent = result.parent {
            parents += 1
            result = parent
        }
        #expect(parents == 19_999)
        #expect(result.id == plan.messages[0].options["task_id"]?.stringValue)
        #expect(plan.children.map(\.id) == [result.id])
    }

    @Test func badSignaturesAreErrors() {
        let bad: [Signature] = [
            Signature("celery.chain", subtaskType: "chain"),
            Signature("celery.group", kwargs: ["tasks": [1, 2]], subtaskType: "group"),
            Signature("celery.chord", kwargs: ["header": []], subtaskType: "chord"),
            Signature("celery.chunks", kwargs: ["task": "a", "it": [], "n": 0], subtaskType: "chunks"),
            Signature("celery.map", kwargs: ["it": []], subtaskType: "xmap"),
            Signature("a", subtaskType: "new"),
        ]
        for signature in bad {
            var canvas = canvas()
            #expect(throws: CanvasError.self) { try canvas.apply(signature) }
        }
    }

    @Test func aMapIsRoutedByItsTask() throws {
        var canvas = canvas()
        let inner = Signature("images.resize")
        let map = Signature("celery.map", kwargs: ["task": inner.celeryValue, "it": [1]], subtaskType: "xmap")
        let plan = try canvas.apply(map, args: [7])
        #expect(plan.messages.map(\.task) == ["celery.map"])
        #expect(plan.messages[0].options["route_name"] == "images.resize")
        #expect(plan.messages[0].args.isEmpty)
    }

    @Test func resultTuplesAreReadAsTheyAreWritten() throws {
        let parent = ResultTuple(
            id: "p",
            children: [ResultTuple(id: "m"), ResultTuple(id: "n", parent: ResultTuple(id: "o"))]
        )
        let tuple = ResultTuple(id: "t", parent: parent)
        #expect(ResultTuple(celeryValue: tuple.celeryValue) == tuple)
        #expect(
            tuple.celeryValue == [
                ["t", [["p", nil], [[["m", nil], nil], [["n", [["o", nil], nil]], nil]]]], nil,
            ]
        )
        #expect(ResultTuple(celeryValue: ["bare", nil]) == ResultTuple(id: "bare"))
        for bad: CeleryValue in [
            nil, [], ["x"], [["a"], nil], [["a", 3], nil], [["a", nil], 3], [["a", nil], [3]],
        ] {
            #expect(ResultTuple(celeryValue: bad) == nil)
        }
    }
}
