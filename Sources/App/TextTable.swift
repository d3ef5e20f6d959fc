/// Rows of text in aligned columns.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    init(_ header: String...) {
        self.header = header
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Missing cells are empty.
    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    /// Every line, the header first. The last column is not padded.
    var lines: [String] {
        let all = [header.map { $0.uppercased() }] + rows
        let count = all.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { cells in
            cells.enumerated().map { column, cell in
                column == cells.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }
    }

    func show(indent: String = "") {
        for line in lines { print(indent + line) }
    }
}
