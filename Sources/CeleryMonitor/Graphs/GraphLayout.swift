import Foundation
import Synchronization

/// Where graphviz puts nodes and edges, in points with the origin at the top left.
struct GraphLayout: Sendable {
    struct Point: Sendable, Hashable {
        var x: Double
        var y: Double
    }

    var width = 0.0
    var height = 0.0
    /// The middle of each node.
    var nodes: [String: Point] = [:]
    /// Control points of Bézier curves: the first, then three for each piece.
    var edges: [(from: String, to: String, points: [Point])] = []

    /// Reads `dot -Tplain` (https://graphviz.org/docs/outputs/plain/): inches, the origin at the bottom left. Nil when it is something else.
    init?(plain: String) {
        for line in plain.split(separator: "\n") {
            let words = line.split(separator: " ")
            let numbers = words.map { Double($0) }
            func inches(_ place: Int) -> Double? {
                guard place < numbers.count, let number = numbers[place], number.magnitude < 10_000 else { return nil }
                return number * 72
            }
            switch words.first {
            case "graph":
                guard let wide = inches(2), let high = inches(3) else { return nil }
                (width, height) = (wide, high)
            case "node":
                guard words.count > 3, let x = inches(2), let y = inches(3) else { return nil }
                nodes[String(words[1])] = Point(x: x, y: height - y)
            case "edge":
                guard words.count > 4, let count = Int(words[3]), (1...1000).contains(count) else { return nil }
                let points = (0..<count).compactMap { place -> Point? in
                    guard let x = inches(4 + 2 * place), let y = inches(5 + 2 * place) else { return nil }
                    return Point(x: x, y: height - y)
                }
                guard points.count == count else { return nil }
                edges.append((String(words[1]), String(words[2]), points))
            default: break
            }
        }
        guard width > 0 else { return nil }
    }
}

/// Runs `dot` of Debian's graphviz; remembers the newest layouts, since a workflow's states change more often than its
/// shape.
final class Graphviz: Sendable {
    static let shared = Graphviz()

    private static let program = "/usr/bin/dot"
    /// Seconds.
    private static let patience = 3.0
    private static let mostKept = 32
    private let kept = Mutex<[(text: String, layout: GraphLayout)]>([])

    /// - Throws: `PageError.unavailable` when it is not installed, takes too long or refuses.
    func layout(_ text: String) async throws -> GraphLayout {
        if let known = kept.withLock({ kept in kept.first { $0.text == text }?.layout }) { return known }
        guard FileManager.default.isExecutableFile(atPath: Self.program) else {
            throw PageError.unavailable("The graph can't be drawn: \(Self.program) is missing; install graphviz.")
        }
        let answer = try await Self.run(text)
        guard let layout = GraphLayout(plain: answer) else {
            throw PageError.unavailable("The graph can't be drawn: dot took too long for it.")
        }
        kept.withLock { kept in
            kept.append((text, layout))
            if kept.count > Self.mostKept { kept.removeFirst() }
        }
        return layout
    }

    /// In a thread of its own, since pipes are read until their end. A `dot` that takes too long is killed.
    private static func run(_ text: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: program)
                process.arguments = ["-Tplain"]
                let (input, output) = (Pipe(), Pipe())
                (process.standardInput, process.standardOutput) = (input, output)
                process.standardError = FileHandle.nullDevice
                do {
                    try process.run()
                } catch {
                    continuation.resume(throwing: PageError.unavailable("The graph can't be drawn: \(error)"))
                    return
                }
                let pid = process.processIdentifier
                let killer = DispatchWorkItem { kill(pid, SIGKILL) }
                DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: killer)
                try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
                try? input.fileHandleForWriting.close()
                let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
                // It is waited for after the killer is called off, so that its id can't be another's by then.
                killer.cancel()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }
}
