import OrderedCollections

extension TaskMessage.Draft {
    private static let noLinks = #"{"callbacks": null, "errbacks": null, "chain": null, "chord": null}"#

    /// `[args, kwargs, embed]` in the draft's content type.
    func encodedBody() throws -> [UInt8] {
        switch contentType {
        case .json: return jsonBody()
        case .msgpack:
            var bytes: [UInt8] = []
            try MessagePackEncoder.encode(bodyValue(), into: &bytes)
            return bytes
        case .yaml: return try YAMLEncoder.encode(bodyValue())
        default: throw SerializationError("can't write \(contentType.mime); send json, msgpack or yaml")
        }
    }

    private func bodyValue() throws -> CeleryValue {
        let embed: Embed
        switch links {
        case .values(let values): embed = values
        case .json(let bytes, let range):
            embed = try TaskBody.json(bytes: bytes, args: 0..<0, kwargs: 0..<0, embed: range).embed
        }
        let (args, kwargs) = try argumentValues()
        return .array([.array(args), .map(kwargs), embed.celeryValue])
    }

    private func argumentValues() throws -> (args: [CeleryValue], kwargs: CeleryMap) {
        switch arguments {
        case .values(let args, let kwargs): return (args, kwargs)
        case .json(let bytes, let args, let kwargs):
            let limits = DecodingLimits(maxBodyBytes: .max, maxDepth: .max)
            return try TaskBody.json(bytes: bytes, args: args, kwargs: kwargs, embed: nil).values(limits: limits)
        }
    }

    private func jsonBody() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(160)
        body.append(ASCII.openBracket)
        switch arguments {
        case .values(let args, let kwargs):
            JSONWriter.write(.array(args), into: &body)
            body += [ASCII.comma, ASCII.space]
            JSONWriter.write(.map(kwargs), into: &body)
        case .json(let bytes, let args, let kwargs):
            body += bytes[args]
            body += [ASCII.comma, ASCII.space]
            body += kwargs.isEmpty ? [ASCII.openBrace, ASCII.closeBrace] : bytes[kwargs]
        }
        body += [ASCII.comma, ASCII.space]
        switch links {
        case .values(let embed) where embed.isEmpty: body += Self.noLinks.utf8
        case .values(let embed): JSONWriter.write(embed.celeryValue, into: &body)
        case .json(let bytes, let range): body += bytes[range]
        }
        body.append(ASCII.closeBracket)
        return body
    }

    /// `argsrepr`, as Python prints the tuple of arguments.
    var printedArgs: String {
        if let argsRepr { return argsRepr }
        guard let values = try? argumentValues() else { return "" }
        return PythonRepr.arguments(values.args)
    }

    /// `kwargsrepr`, as Python prints the dict of keyword arguments.
    var printedKeywords: String {
        if let kwargsRepr { return kwargsRepr }
        guard let values = try? argumentValues() else { return "" }
        return PythonRepr.keywords(values.kwargs)
    }
}
