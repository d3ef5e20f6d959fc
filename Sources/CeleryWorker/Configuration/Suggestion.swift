/// Finds what somebody meant who wrote a name that does not exist.
package enum Suggestion {
    /// ` ; did you mean "x"?`, or what is known when nothing is near.
    package static func text(for wrong: String, among known: [String]) -> String {
        if let near = nearest(to: wrong, among: known) { return "did you mean \"\(near)\"?" }
        return known.isEmpty ? "none is known" : "known: \(known.joined(separator: ", "))"
    }

    /// The closest known name, if it is at most a third of its letters away.
    package static func nearest(to wrong: String, among known: [String]) -> String? {
        let folded = fold(wrong)
        guard folded.count <= 100 else { return nil }
        var best: (name: String, distance: Int)?
        for name in known where name.utf8.count <= 100 {
            let distance = distance(folded, fold(name))
            guard distance <= max(1, name.utf8.count / 3), distance < min(folded.count, best?.distance ?? .max) else {
                continue
            }
            best = (name, distance)
        }
        return best?.name
    }

    /// Case and the choice of `-` or `_` do not count.
    private static func fold(_ text: String) -> [UInt8] {
        text.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// Levenshtein's distance, with a swap of neighbours counted once (optimal string alignment).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
