/// Where the keys and values of a JSON object stand. The last of equal keys counts, as in Python.
struct JSONMembers {
    struct Member {
        let key: Range<Int>
        let value: Range<Int>
    }

    /// Above this many entries, walking them for each key costs more than building a map.
    static let most = 32

    private(set) var members: [Member] = []

    /// Finds the entries of the object whose text is `range`.
    init(_ source: JSONSource, _ range: Range<Int>) throws {
        var scanner = source.scanner(range)
        guard scanner.byte == ASCII.openBrace else { throw source.miss() }
        scanner.position += 1
        guard scanner.first(before: ASCII.closeBrace) else { return }
        do {
            repeat {
                guard let key = try scanner.skipKey(), members.count < Self.most else { throw source.miss() }
                let start = scanner.position
                try scanner.skipValue(depth: 0)
                members.append(Member(key: key, value: start..<scanner.position))
            } while try scanner.another(before: ASCII.closeBrace)
        } catch {
            throw source.miss()
        }
        if scanner.metEnvelope { throw source.miss() }
    }

    /// The range of a key's value.
    @inline(__always)
    func value(_ key: String, in bytes: [UInt8]) -> Range<Int>? {
        index(key, in: bytes).map { members[$0].value }
    }

    @inline(__always)
    func index(_ key: String, in bytes: [UInt8]) -> Int? {
        var index = members.count &- 1
        while index >= 0 {
            if Self.equal(members[index].key, key, in: bytes) { return index }
            index &-= 1
        }
        return nil
    }

    @inline(__always)
    private static func equal(_ range: Range<Int>, _ key: String, in bytes: [UInt8]) -> Bool {
        guard range.count == key.utf8.count else { return false }
        var place = range.lowerBound
        for byte in key.utf8 {
            guard bytes[place] == byte else { return false }
            place &+= 1
        }
        return true
    }
}
