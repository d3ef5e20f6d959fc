/// A server that speaks JSON over HTTP, at one address, over connections that are kept.
///
/// Every request must be one that can be repeated: it is sent once more when a kept connection turns out to be broken,
/// as they all are after the server was restarted.
package struct HTTPService: Sendable {
    /// As people see it: without keys.
    package let address: String
    private let root: String
    private let headers: [(name: String, value: String)]
    private let timeout: Duration
    /// The largest answer that is read, in bytes.
    private static let maxAnswer = 256 << 20

    /// `root` has no slash at its end. `timeout` is for one request, from the connection to the last byte.
    package init(address: String, root: String, headers: [(name: String, value: String)], timeout: Duration) {
        self.address = address
        self.root = root
        self.headers = headers + [("Content-Type", "application/json"), ("Accept", "application/json")]
        self.timeout = timeout
    }

    /// The body of a successful answer.
    ///
    /// - Parameters:
    ///   - attempt: what this is for, such as "searching in docs".
    ///   - said: finds the server's own words in the body of a refusal.
    /// - Throws: `ServiceError`, or `CancellationError`.
    package func send(
        _ method: String,
        _ path: String,
        body: [UInt8] = [],
        attempt: @autoclosure () -> String,
        said: ([UInt8]) -> String?
    ) async throws -> [UInt8] {
        let call = HTTPCall(
            method: method,
            url: root + path,
            headers: headers,
            body: body,
            timeout: timeout,
            maxBytes: Self.maxAnswer
        )
        let answer: HTTPCall.Answer
        do {
            answer = try await Self.sendTwice(call)
        } catch let failure as HTTPCall.Failure {
            throw error(failure, attempt: "\(attempt()) at \(address)")
        }
        guard (200..<300).contains(answer.status) else {
            throw refusal(answer, said(answer.body), attempt: "\(attempt()) at \(address)")
        }
        return answer.body
    }

    private static func sendTwice(_ call: HTTPCall) async throws -> HTTPCall.Answer {
        do {
            return try await call.send()
        } catch HTTPCall.Failure.unreachable {
            return try await call.send()
        }
    }

    private func error(_ failure: HTTPCall.Failure, attempt: String) -> ServiceError {
        switch failure {
        case .timedOut:
            ServiceError(code: .timedOut, attempt: attempt, reason: "no answer within \(timeout.inSeconds) s")
        case .tooLarge:
            ServiceError(code: .malformed, attempt: attempt, reason: "the answer is larger than 256 MiB")
        case .unreachable(let reason):
            ServiceError(code: .unreachable, attempt: attempt, reason: "can't be reached (\(reason)); does it run?")
        case .invalid(let reason):
            ServiceError(code: .unreachable, attempt: attempt, reason: "the address can't be used (\(reason))")
        }
    }

    private func refusal(_ answer: HTTPCall.Answer, _ said: String?, attempt: String) -> ServiceError {
        let words = said.map { String($0.prefix(500)) }
        switch answer.status {
        case 401, 403:
            let reason = "HTTP \(answer.status), the key is refused or missing; check api_key of this store"
            return ServiceError(code: .unauthorized, attempt: attempt, reason: reason)
        case 404: return ServiceError(code: .notFound, attempt: attempt, reason: words ?? "not found (HTTP 404)")
        default:
            let reason = words.map { "\($0) (HTTP \(answer.status))" } ?? "HTTP \(answer.status)"
            return ServiceError(code: .refused(answer.status), attempt: attempt, reason: reason)
        }
    }
}
