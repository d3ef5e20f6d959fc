extension TaskBody {
    fileprivate static let noLinks = Array(
        #", {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]"#.utf8
    )

    /// Splits a JSON body `[args, kwargs, embed]` into its parts, and checks that all of it is well-formed JSON that is
    /// not too deep.
    ///
    /// Gives nil where it is better parsed: when it is not three parts, or not a list, a map and a map or null.
    init?(splitting bytes: [UInt8], _ range: Range<Int>, _ limits: DecodingLimits) throws(JSONError) {
        var scanner = JSONScanner(bytes, range: range, maxDepth: limits.maxDepth)
        scanner.skipSpace()
        guard scanner.byte == ASCII.openBracket else { return nil }
        scanner.position += 1
        guard scanner.first(before: ASCII.closeBracket), scanner.byte == ASCII.openBracket else { return nil }
        let args = try scanner.part(depth: 1)
        guard try scanner.another(before: ASCII.closeBracket), scanner.byte == ASCII.openBrace else { return nil }
        guard let kwargs = try scanner.keywords() else { return nil }
        if scanner.isBeforeNoLinks() {
            self = .json(bytes: bytes, args: args, kwargs: kwargs, embed: nil)
            return
        }
        guard try scanner.another(before: ASCII.closeBracket) else { return nil }
        guard case .some(let embed) = try scanner.embed() else { return nil }
        guard try !scanner.another(before: ASCII.closeBracket) else { return nil }
        try scanner.expectEnd()
        self = .json(bytes: bytes, args: args, kwargs: kwargs, embed: embed)
    }
}

extension JSONScanner {
    fileprivate mutating func part(depth: Int) throws(JSONError) -> Range<Int> {
        let start = position
        try skipValue(depth: depth)
        return start..<position
    }

    /// The range of the keyword arguments, empty for `{}`; nil if they may be one of kombu's envelopes.
    fileprivate mutating func keywords() throws(JSONError) -> Range<Int>? {
        let start = position
        var isEmpty = true
        var mayBeEnvelope = false
        position += 1
        if first(before: ASCII.closeBrace) {
            isEmpty = false
            repeat {
                let key = try skipKey()
                mayBeEnvelope = mayBeEnvelope || key == nil || key?.count == 8
                try skipValue(depth: 2)
            } while try another(before: ASCII.closeBrace)
        }
        guard !mayBeEnvelope || !metEnvelope else { return nil }
        return isEmpty ? start..<start : start..<position
    }

    /// Whether all that is left is what Celery writes behind the arguments of a task without links, byte for byte.
    fileprivate func isBeforeNoLinks() -> Bool {
        guard end - position == TaskBody.noLinks.count else { return false }
        return TaskMessage.equal(bytes.span.extracting(position..<end), TaskBody.noLinks.span)
    }

    /// The range of the embed, a second nil inside if all its values are null; nil if it is neither a map nor null.
    fileprivate mutating func embed() throws(JSONError) -> Range<Int>?? {
        let start = position
        if byte == ASCII.lowerN {
            try word("null")
            return .some(nil)
        }
        guard byte == ASCII.openBrace else { return nil }
        var isEmpty = true
        position += 1
        if first(before: ASCII.closeBrace) {
            repeat {
                _ = try skipKey()
                isEmpty = isEmpty && byte == ASCII.lowerN
                try skipValue(depth: 2)
            } while try another(before: ASCII.closeBrace)
        }
        return .some(isEmpty ? nil : start..<position)
    }
}
