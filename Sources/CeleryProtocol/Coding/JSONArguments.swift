/// Binds arguments on the fast path, straight from JSON text.
///
/// Whatever does not fit, or is out of the ordinary, is a miss; the general path then decides and finds the words.
final class JSONArguments: JSONSource, Decoder {
    /// A positional argument, or a parameter beyond them.
    private struct Slot {
        /// Empty for a parameter without a value.
        var value: Range<Int>
        /// The value, if it is a short integer.
        var int: Int?
        /// The parameter; empty until a key has taken the position.
        var name = ""
    }

    // No access below calls out while it lasts, so that none can meet another: checking that would cost a tenth of all.
    @exclusivity(unchecked) private var slots: [Slot] = []
    @exclusivity(unchecked) private var keywords: JSONMembers?
    @exclusivity(unchecked) private var positionalCount = 0
    @exclusivity(unchecked) private var asked = 0
    @exclusivity(unchecked) private var keywordsUsed = 0

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The task's value. Any error means that the general path has to decide.
    static func decode<T: Decodable>(
        _ type: T.Type,
        _ bytes: [UInt8],
        _ args: Range<Int>,
        _ kwargs: Range<Int>,
        _ limits: DecodingLimits
    ) throws -> T {
        let arguments = JSONArguments(bytes, limits: limits)
        guard arguments.read(args: args, kwargs: kwargs) else { throw Miss() }
        let value = try T(from: arguments)
        guard arguments.isWhole else { throw Miss() }
        return value
    }

    /// Whether every argument has found its parameter.
    private var isWhole: Bool {
        !missed && asked >= positionalCount && keywordsUsed == keywords?.members.count ?? 0
    }

    /// Checks the text and finds the arguments; false when it is out of the ordinary.
    private func read(args: Range<Int>, kwargs: Range<Int>) -> Bool {
        var scanner = scanner(args)
        scanner.skipSpace()
        guard scanner.byte == ASCII.openBracket else { return false }
        scanner.position += 1
        do {
            if scanner.first(before: ASCII.closeBracket) {
                slots.reserveCapacity(4)
                repeat {
                    let start = scanner.position
                    let int = scanner.plainInt()
                    if int == nil { try scanner.skipValue(depth: 1) }
                    slots.append(Slot(value: start..<scanner.position, int: int))
                } while try scanner.another(before: ASCII.closeBracket)
            }
            try scanner.expectEnd()
            positionalCount = slots.count
            return try !scanner.metEnvelope && (kwargs.isEmpty || readKeywords(kwargs))
        } catch {
            return false
        }
    }

    private func readKeywords(_ range: Range<Int>) throws -> Bool {
        var scanner = scanner(range)
        scanner.skipSpace()
        let start = scanner.position
        guard scanner.byte == ASCII.openBrace else { return false }
        try scanner.skipValue(depth: 0)
        let object = start..<scanner.position
        try scanner.expectEnd()
        guard !scanner.metEnvelope else { return false }
        keywords = try JSONMembers(self, object)
        return true
    }

    /// The place of a parameter's slot. A key asked for the first time takes the next position.
    @inline(__always)
    private func place(_ name: String) -> Int {
        // A synthesized init asks for each key once, so the search is short and mostly in vain.
        var index = 0
        while index < asked {
            if slots[index].name == name { return index }
            index &+= 1
        }
        asked &+= 1
        if index < positionalCount {
            slots[index].name = name
        } else {
            bindKeyword(name)
        }
        return index
    }

    private func bindKeyword(_ name: String) {
        let value = keywords?.value(name, in: bytes)
        slots.append(Slot(value: value ?? 0..<0, name: name))
        if value != nil { keywordsUsed &+= 1 }
    }

    /// The text of a parameter's argument; nil when there is none.
    func argument(_ name: String) -> Range<Int>? {
        let range = slots[place(name)].value
        return range.isEmpty ? nil : range
    }

    /// The integer of a parameter.
    func int(_ name: String) throws -> Int {
        let place = place(name)
        if let int = slots[place].int { return int }
        let range = slots[place].value
        guard !range.isEmpty else { throw miss() }
        return try int(range)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(JSONArgumentContainer(arguments: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw miss() }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw miss() }
}
