/// The way from the outermost value to the one that is being decoded or encoded; turned into text only for errors.
indirect enum CodingPath: Sendable {
    case root
    case key(CodingPath, String)
    case index(CodingPath, Int)

    /// `box.items[3].name`.
    var text: String {
        switch self {
        case .root: return ""
        case .index(let parent, let index): return parent.text + "[\(index)]"
        case .key(let parent, let name):
            let before = parent.text
            return before.isEmpty ? name : before + "." + name
        }
    }

    var keys: [any CodingKey] {
        switch self {
        case .root: []
        case .index(let parent, let index): parent.keys + [PathKey(intValue: index)]
        case .key(let parent, let name): parent.keys + [PathKey(stringValue: name)]
        }
    }

    /// The text of a path that the standard library has put together.
    static func text(_ keys: [any CodingKey]) -> String {
        keys.reduce(CodingPath.root) { path, key in
            key.intValue.map { .index(path, $0) } ?? .key(path, key.stringValue)
        }.text
    }

    /// A key made from a name or an index.
    struct PathKey: CodingKey {
        let stringValue: String
        let intValue: Int?

        init(stringValue: String) {
            self.stringValue = stringValue
            intValue = nil
        }

        init(intValue: Int) {
            stringValue = String(intValue)
            self.intValue = intValue
        }
    }
}
