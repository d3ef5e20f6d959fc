import CeleryProtocol
import Connections
import Foundation

/// Runs a task as an HTTP request: the request as JSON in its body, the result as JSON in the answer.
struct HTTPTask: Sendable {
    var endpoint: HTTPEndpoint
    var maxOutput: Int

    /// For tasks without a time limit.
    private static let longest = Duration.seconds(3600)
    /// A server may not put a task off for longer.
    private static let longestRetry = Duration.seconds(86_400)

    func run(_ context: TaskContext) async throws -> [UInt8] {
        let answer: HTTPCall.Answer
        do {
            answer = try await call(context).send()
        } catch let failure as HTTPCall.Failure {
            throw error(for: failure, context)
        }
        switch answer.status {
        case 200..<300: return try result(answer)
        case 429, 503:
            let delay = answer.retryAfter.flatMap { Self.delay($0, now: Date()) }.map { min($0, Self.longestRetry) }
            throw context.retry(after: delay, cause: refusal(answer))
        case 500...: throw context.retry(cause: refusal(answer))
        default: throw refusal(answer)
        }
    }

    private func call(_ context: TaskContext) throws -> HTTPCall {
        var headers = endpoint.headers.map { (name: $0.key, value: $0.value) }
        let own = [("Content-Type", "application/json"), ("Accept", "application/json"), ("User-Agent", "chard")]
        for (name, value) in own where !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            headers.append((name, value))
        }
        return HTTPCall(
            method: endpoint.method,
            url: endpoint.url,
            headers: headers,
            body: try context.externalRequest(),
            timeout: context.run.hardTimeLimit.map { $0 + .seconds(1) } ?? Self.longest,
            maxBytes: maxOutput
        )
    }

    private func result(_ answer: HTTPCall.Answer) throws -> [UInt8] {
        guard answer.status != 204, !answer.body.isEmpty else { return Array("null".utf8) }
        guard let value = try? JSONParser.parse(answer.body) else {
            throw ExternalTaskError.request("\(endpoint) answered \(answer.status) with a body that is not JSON")
        }
        return JSONWriter.bytes(value)
    }

    /// What the endpoint says is wrong, if it says so as `{"error": {"type", "message"}}`; else its status.
    private func refusal(_ answer: HTTPCall.Answer) -> any Error {
        if let record = ExceptionRecord(reported: (try? JSONParser.parse(answer.body))?["error"]) { return record }
        var text = "\(endpoint) answered \(answer.status) \(answer.reason)"
        if (300..<400).contains(answer.status) { text += "; redirects are not followed, name the last address" }
        let body = String(decoding: answer.body.prefix(200).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
        if !body.isEmpty { text += ": \(body)" }
        return ExternalTaskError.request(text)
    }

    private func error(for failure: HTTPCall.Failure, _ context: TaskContext) -> any Error {
        switch failure {
        case .timedOut: context.retry(cause: ExternalTaskError.request("\(endpoint) did not answer in time"))
        case .unreachable(let reason):
            context.retry(cause: ExternalTaskError.request("\(endpoint) can't be reached: \(reason)"))
        case .tooLarge:
            ExternalTaskError.request("\(endpoint) answered more than the \(maxOutput) bytes that max_output allows")
        case .invalid(let reason): ExternalTaskError.request("\(endpoint) can't be asked: \(reason)")
        }
    }

    /// A `Retry-After` header: seconds, or a date (RFC 9110 §10.2.3).
    static func delay(_ text: String, now: Date) -> Duration? {
        if let seconds = UInt32(text) { return .seconds(seconds) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = formatter.date(from: text) else { return nil }
        return .milliseconds(Int64(max(0, date.timeIntervalSince(now)) * 1000))
    }
}
