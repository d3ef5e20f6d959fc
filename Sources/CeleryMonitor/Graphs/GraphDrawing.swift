import Foundation
import OrderedCollections

/// A workflow as SVG: `{{{drawing}}}` in a template. Everything foreign in it is escaped here.
struct GraphDrawing: Sendable {
    static let nodeWidth = 190.0
    static let nodeHeight = 46.0
    private static let margin = 14.0

    let graph: WorkflowGraph
    let layout: GraphLayout
    let prefix: String

    var svg: String {
        let (width, height) = (layout.width + 2 * Self.margin, layout.height + 2 * Self.margin)
        var svg = """
            <svg viewBox="0 0 \(Self.text(width)) \(Self.text(height))" width="\(Self.text(width))" \
            height="\(Self.text(height))" role="group" aria-labelledby="graph-title graph-desc">\
            <title id="graph-title">The workflow's tasks</title>\
            <desc id="graph-desc">\(graph.nodes.count) nodes; the list below says the same in words.</desc>\
            <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
            orient="auto"><path class="arrow" d="M0 0L8 4L0 8Z"/></marker></defs>
            """
        for members in graph.groups.values { svg += groupBox(members) }
        for edge in layout.edges { svg += path(edge.points) }
        for node in graph.nodes { svg += box(node) }
        return svg + "</svg>"
    }

    private func path(_ points: [GraphLayout.Point]) -> String {
        guard let first = points.first else { return "" }
        var d = "M\(place(first))"
        for start in stride(from: 1, to: points.count - 2, by: 3) {
            d += "C\(place(points[start])) \(place(points[start + 1])) \(place(points[start + 2]))"
        }
        return "<path class=\"edge\" d=\"\(d)\" marker-end=\"url(#arrow)\"/>"
    }

    private func groupBox(_ members: [String]) -> String {
        let places = members.compactMap { layout.nodes[$0] }
        guard let left = places.map(\.x).min(), let right = places.map(\.x).max(), let top = places.map(\.y).min(),
            let bottom = places.map(\.y).max()
        else { return "" }
        let (x, y) = (left - Self.nodeWidth / 2 - 7 + Self.margin, top - Self.nodeHeight / 2 - 7 + Self.margin)
        let (width, height) = (right - left + Self.nodeWidth + 14, bottom - top + Self.nodeHeight + 14)
        return """
            <rect class="group-box" x="\(Self.text(x))" y="\(Self.text(y))" width="\(Self.text(width))" \
            height="\(Self.text(height))" rx="10"><title>A group</title></rect>
            """
    }

    private func box(_ node: WorkflowGraph.Node) -> String {
        guard let middle = layout.nodes[node.key] else { return "" }
        let x = middle.x - Self.nodeWidth / 2 + Self.margin
        let y = middle.y - Self.nodeHeight / 2 + Self.margin
        let state = node.task?.state ?? WorkflowsPage.whole(node.states).0
        let name = Self.shortName(node.name) + (node.count > 1 ? " ×\(Format.count(node.count))" : "")
        let label = Self.escape("\(node.name), \(words(node))")
        let style = node.task.map { Format.stateClass($0.state) } ?? Self.gravest(node.states)
        let content = """
            <rect class="node-box" x="\(Self.text(x))" y="\(Self.text(y))" width="190" height="46" rx="7"/>\
            \(bar(node, x, y))<text x="\(Self.text(x + 14))" y="\(Self.text(y + 19))">\(Self.escape(name))</text>\
            <text class="sub" x="\(Self.text(x + 14))" y="\(Self.text(y + 35))">\(Self.escape(sub(node, state)))</text>
            """
        let link = Self.escape(prefix + target(node))
        return
            "<a href=\"\(link)\" aria-label=\"\(label)\" class=\"node \(style)\"><title>\(label)</title>\(content)</a>"
    }

    /// At the left: one colour, or as much of each as there are tasks in its state.
    private func bar(_ node: WorkflowGraph.Node, _ x: Double, _ y: Double) -> String {
        WorkflowsPage.parts(node.states).map { part in
            let (from, share) = (Double(part.partX) ?? 0, Double(part.partWidth) ?? 0)
            return """
                <g class="\(part.partClass)"><rect class="bar" x="\(Self.text(x + 1))" \
                y="\(Self.text(y + 5 + from * 0.36))" width="5" height="\(Self.text(share * 0.36))" rx="1"/></g>
                """
        }.joined()
    }

    private func sub(_ node: WorkflowGraph.Node, _ state: String) -> String {
        if let task = node.task {
            return task.state + (task.runtime.map { " · \(Format.duration($0))" } ?? "")
        }
        return words(node)
    }

    private func words(_ node: WorkflowGraph.Node) -> String {
        if let task = node.task { return task.state }
        return TaskQuery.states.compactMap { name in
            node.states[name].map { "\(Format.count($0)) \(name.lowercased())" }
        }.joined(separator: ", ")
    }

    private func target(_ node: WorkflowGraph.Node) -> String {
        if let task = node.task { return "/tasks/\(Format.path(task.id))" }
        return "/tasks?name=\(Format.query(node.name))"
    }

    private func place(_ point: GraphLayout.Point) -> String {
        "\(Self.text(point.x + Self.margin)) \(Self.text(point.y + Self.margin))"
    }

    /// The end of a dotted name says more than its beginning.
    private static func shortName(_ name: String) -> String {
        name.count > 25 ? "…" + name.suffix(24) : name
    }

    private static func gravest(_ states: [String: Int]) -> String {
        let order = ["FAILURE", "STARTED", "RETRY", "RECEIVED", "PENDING", "REVOKED", "REJECTED", "SUCCESS"]
        return Format.stateClass(order.first { states[$0] != nil } ?? "")
    }

    private static func escape(_ text: String) -> String { Sparkline.escape(text) }

    private static func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
