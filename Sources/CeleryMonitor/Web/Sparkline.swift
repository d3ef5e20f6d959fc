import Foundation

/// A small line of figures, as inline SVG: `{{{sparkline}}}` in a template. Its size is style.css's (`.spark`).
enum Sparkline {
    private static let width = 100.0
    private static let height = 24.0

    /// - Parameters:
    ///   - values: Oldest first; nil where nothing is known, which leaves a gap. At most 300 are drawn, the newest.
    ///   - label: What a screen reader says, e.g. `depth, last hour: 12 now, 40 at most`. Escaped here.
    ///   - ceiling: The value at the top; nil: the greatest value, at least 1.
    static func svg(_ values: [Double?], label: String, ceiling: Double? = nil) -> String {
        let drawn = values.suffix(300).map { $0.flatMap { $0.isFinite ? max(0, $0) : nil } }
        let top = max(ceiling ?? max(1, drawn.compactMap { $0 }.max() ?? 1), .leastNonzeroMagnitude)
        let step = width / Double(max(1, drawn.count - 1))
        var lines: [[(x: Double, y: Double)]] = [[]]
        for (place, value) in drawn.enumerated() {
            if let value {
                let y = 1 + (height - 2) * (1 - min(1, value / top))
                lines[lines.count - 1].append((Double(place) * step, y))
            } else if lines[lines.count - 1].isEmpty == false {
                lines.append([])
            }
        }
        let paths = lines.filter { !$0.isEmpty }.map(path).joined()
        return """
            <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="\(escape(label))">\
            <title>\(escape(label))</title>\(paths)</svg>
            """
    }

    static func svg(_ values: [Int], label: String) -> String { svg(values.map { Double($0) }, label: label) }

    /// One line with what lies below it; a lone point is drawn as a short stroke.
    private static func path(_ points: [(x: Double, y: Double)]) -> String {
        guard let first = points.first, let last = points.last else { return "" }
        let points = points.count == 1 ? [first, (first.x + 1, first.y)] : points
        let line = points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
        let end = number(max(last.x, first.x + (points.count == 2 && first.x == last.x ? 1 : 0)))
        return """
            <path class="spark-area" d="M\(number(first.x)) 24L\(line)L\(end) 24Z"/>\
            <path class="spark-line" d="M\(line)" vector-effect="non-scaling-stroke"/>
            """
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// For text and attributes of SVG that is made here.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
