import Foundation

/// One call to a model server over HTTP: JSON out, JSON or lines back, errors in `ModelServerError`'s words.
struct ModelServerCall: Sendable {
    let url: String
    let key: String?
    let limits: ModelServerLimits
    /// Finds the error text in an answer's body.
    let errorText: @Sendable ([UInt8]) -> String?

    func get() async throws -> [UInt8] { try await whole("GET", []) }

    func post(_ body: JSONValue) async throws -> [UInt8] { try await whole("POST", try body.sortedBytes()) }

    /// Posts, and hands over the answer line by line.
    func stream(_ body: JSONValue, onLine: @escaping @Sendable ([UInt8]) throws -> Void) async throws {
        let call = self.call("POST", try body.sortedBytes())
        let stream = HTTPCall.StreamLimits(silence: limits.silence, maxLine: limits.maxLine)
        let answer = try await explaining { try await call.lines(stream, onLine: onLine) }
        try check(answer)
    }

    private func whole(_ method: String, _ body: [UInt8]) async throws -> [UInt8] {
        var call = self.call(method, body)
        call.timeout = min(limits.silence, limits.total)
        let answer = try await explaining { try await call.send() }
        try check(answer)
        return answer.body
    }

    private func call(_ method: String, _ body: [UInt8]) -> HTTPCall {
        var headers = [(name: "Content-Type", value: "application/json"), (name: "User-Agent", value: "chard")]
        if let key { headers.append((name: "Authorization", value: "Bearer \(key)")) }
        return HTTPCall(
            method: method,
            url: url,
            headers: headers,
            body: body,
            timeout: limits.total,
            maxBytes: limits.maxBytes
        )
    }

    private func explaining(_ work: () async throws -> HTTPCall.Answer) async throws -> HTTPCall.Answer {
        do {
            return try await work()
        } catch let failure as HTTPCall.Failure {
            switch failure {
            case .timedOut: throw ModelServerError.timedOut(after: limits.silence)
            case .tooLarge: throw ModelServerError.garbage("it is larger than is ever read")
            case .unreachable(let reason), .invalid(let reason): throw ModelServerError.unreachable(reason)
            }
        }
    }

    private func check(_ answer: HTTPCall.Answer) throws {
        let message = { errorText(answer.body) ?? Self.excerpt(answer.body) }
        switch answer.status {
        case 200..<300: return
        case 401, 403: throw ModelServerError.unauthorized(status: answer.status)
        case 404 where message().contains("model"): throw ModelServerError.unknownModel(message())
        case 408, 429, 500...: throw ModelServerError.failed(status: answer.status, message: message())
        case 400, 413, 422: throw ModelServerError.refused(status: answer.status, message: message())
        default: throw ModelServerError.garbage("status \(answer.status), \(message())")
        }
    }

    /// The beginning of what came, on one line.
    static func excerpt(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(120).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
    }

    /// Reads JSON of a known shape.
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ModelServerError.garbage(excerpt(bytes))
        }
    }
}
