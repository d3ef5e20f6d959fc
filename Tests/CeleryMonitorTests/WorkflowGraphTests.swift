import OrderedCollections
import Testing

@testable import CeleryMonitor

struct WorkflowGraphTests {
    private func task(
        _ id: String,
        _ name: String = "add",
        after parent: String? = nil,
        _ state: String = "SUCCESS"
    ) -> TaskRecord {
        TaskRecord(id: id, name: name, state: state, rootID: "a", parentID: parent, timestamp: 1)
    }

    @Test func aChainIsARow() {
        let graph = WorkflowGraph([task("a"), task("b", after: "a"), task("c", after: "b")], groups: [:])
        #expect(graph.nodes.count == 3)
        #expect(graph.edges.map { "\($0.from)\($0.to)" } == ["n0n1", "n1n2"])
    }

    @Test func equalLeavesBecomeOneNodeWithTheirStates() {
        let members = (0..<1000).map { task("m\($0)", after: "a", $0 < 3 ? "FAILURE" : "SUCCESS") }
        let graph = WorkflowGraph([task("a")] + members, groups: [:])
        #expect(graph.nodes.count == 2 && graph.edges.count == 1)
        #expect(graph.nodes[1].states == ["FAILURE": 3, "SUCCESS": 997] && graph.nodes[1].task == nil)
    }

    @Test func thereAreNeverTooManyNodes() {
        let tasks = (0..<1000).map { task("t\($0)", "name\($0)", after: $0 == 0 ? nil : "t\($0 - 1)") }
        let graph = WorkflowGraph(tasks, groups: [:])
        #expect(graph.nodes.count == WorkflowGraph.mostNodes && graph.omitted == 700)
    }

    @Test func aChordsBodyIsNotOfItsGroup() {
        let tasks = [task("a"), task("b", after: "a"), task("c", after: "a"), task("body", "sum", after: "c")]
        let graph = WorkflowGraph(tasks, groups: ["b": "g", "c": "g", "body": "g"])
        #expect(graph.groups["g"]?.count == 2)
    }

    @Test func aParentThatWasNotSeenIsSaid() {
        let graph = WorkflowGraph([task("b", after: "gone"), task("b2", after: "b2")], groups: [:])
        #expect(graph.orphans == 1 && graph.edges.isEmpty)
    }

    @Test func namesNeverReachGraphviz() async throws {
        let graph = WorkflowGraph([task("a", "x\";}\nsubgraph"), task("b", "<script>", after: "a")], groups: [:])
        let text = graph.dot(width: 190, height: 46)
        #expect(!text.contains("script") && !text.contains("x\""))
        let layout = try #require(
            GraphLayout(
                plain:
                    "graph 1 4 1\nnode n0 0.5 0.5 1 1 x\nnode n1 3 0.5 1 1 x\nedge n0 n1 4 1 1 2 1 2 1 3 1 solid\nstop\n"
            )
        )
        let svg = GraphDrawing(graph: graph, layout: layout, prefix: "").svg
        #expect(!svg.contains("<script>") && svg.contains("&lt;script&gt;"))
        #expect(GraphLayout(plain: "nonsense") == nil)
    }
}
