/// JSON text that is written while a value encodes itself.
///
/// Containers are closed when something is written outside of them. Whatever cannot be written in one go (a container
/// used after it was closed, a key written twice, an error on the way) is a miss, and the general path does it all
/// again. Used by one encoding, on one thread.
final class JSONStream {
    /// The fast path gives up. Never seen outside.
    struct Miss: Error {}

    /// A container that is open. The place of its opening bracket tells it from every other.
    struct Level {
        let start: Int
        let isArray: Bool
        var count = 0
        var keys = JSONKeys()
    }

    // No access below calls out while it lasts, so that none can meet another: checking that would cost a tenth of all.
    @exclusivity(unchecked) private(set) var bytes: [UInt8]
    @exclusivity(unchecked) private var levels: [Level] = []
    @exclusivity(unchecked) private(set) var missed = false
    @exclusivity(unchecked) private var depth = 0

    private init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    /// Appends the text of a value that encodes itself; false, with nothing written, when the general path has to.
    static func append(_ value: some Encodable, to bytes: inout [UInt8]) -> Bool {
        let before = bytes.count
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        let stream = JSONStream(taken)
        taken = []
        let isDone = (try? stream.encode(value, level: 0)) != nil && !stream.missed
        if isDone { stream.close(to: 0) }
        swap(&bytes, &stream.bytes)
        if !isDone { bytes.removeSubrange(before...) }
        return isDone
    }

    func miss() -> Miss {
        missed = true
        return Miss()
    }

    /// Writes one value, which may open the container of `level`.
    @inline(__always)
    func encode<T: Encodable>(_ value: T, level: Int) throws {
        do {
            if try JSONBasics.append(value, to: &bytes) { return }
            depth += 1
            guard depth <= CeleryEncoder.maxDepth else { throw miss() }
            let start = bytes.count
            try value.encode(to: JSONStreamEncoder(stream: self, start: start, level: level))
            if bytes.count == start { bytes.append(contentsOf: "{}".utf8) }
            depth -= 1
        } catch {
            throw miss()
        }
    }

    @inline(__always)
    func append(_ value: Int) { JSONWriter.append(value, to: &bytes) }

    @inline(__always)
    func append(_ value: String) { JSONWriter.append(value, to: &bytes) }

    @inline(__always)
    func append(_ value: Double) { JSONWriter.append(value, to: &bytes) }

    @inline(__always)
    func append(_ value: Bool) { JSONWriter.append(value, to: &bytes) }

    /// Opens the container of a value that begins at `start`, unless it is open already.
    func open(isArray: Bool, start: Int, level: Int) {
        if level < levels.count, levels[level].start == start, levels[level].isArray == isArray { return }
        guard bytes.count == start, levels.count == level else {
            _ = miss()
            return
        }
        levels.append(Level(start: start, isArray: isArray))
        bytes.append(isArray ? ASCII.openBracket : ASCII.openBrace)
    }

    /// Makes ready for the next element of a container.
    @inline(__always)
    func beginElement(start: Int, level: Int) throws {
        guard level < levels.count, levels[level].start == start else { throw miss() }
        if levels.count > level &+ 1 { close(to: level &+ 1) }
        if levels[level].count > 0 { JSONWriter.separate(&bytes) }
        levels[level].count &+= 1
    }

    /// Makes ready for the value of a key.
    @inline(__always)
    func beginEntry(_ key: String, start: Int, level: Int) throws {
        try beginElement(start: start, level: level)
        guard levels[level].keys.insert(key) else { throw miss() }
        JSONWriter.append(key, to: &bytes)
        bytes.append(ASCII.colon)
        bytes.append(ASCII.space)
    }

    func count(start: Int, level: Int) -> Int {
        level < levels.count && levels[level].start == start ? levels[level].count : 0
    }

    func appendNull() { bytes.append(contentsOf: "null".utf8) }

    private func close(to level: Int) {
        while levels.count > level, let last = levels.popLast() {
            bytes.append(last.isArray ? ASCII.closeBracket : ASCII.closeBrace)
        }
    }
}
