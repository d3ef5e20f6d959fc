import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of RabbitMQ's management API: what AMQP does not tell, and the policies that AMQP can't set.
///
/// Every call is one HTTP request with a time limit, and throws `ManagementError`. It reads and sets; it never deletes.
/// Source: the broker's own page `/api/index.html`.
public struct RabbitMQManagement: Sendable {
    public let url: ManagementURL
    public let timeout: Duration
    /// The largest answer that is read, in bytes.
    private static let maxAnswer = 64 << 20
    /// One for the process, which is never shut down. A refused connection is an answer, and a redirection is not
    /// followed, so that the password goes nowhere else.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }()

    public init(url: ManagementURL, timeout: Duration = .seconds(10)) {
        self.url = url
        self.timeout = timeout
    }

    public func overview() async throws(ManagementError) -> Overview {
        try await get("overview", attempt: "asking for the broker's version")
    }

    /// Throws `.notFound` for a virtual host that is not there.
    public func queues(virtualHost: String) async throws(ManagementError) -> [Queue] {
        let columns =
            "name,type,durable,auto_delete,exclusive,arguments,policy,effective_policy_definition,messages,"
            + "messages_ready,messages_unacknowledged,consumers,state,message_bytes,head_message_timestamp,"
            + "message_stats,node,leader,members,online,slave_nodes,synchronised_slave_nodes"
        return try await get(
            "queues/\(Self.encoded(virtualHost))?columns=\(columns)",
            attempt: "listing the queues of \"\(virtualHost)\""
        )
    }

    /// nil when there is no such queue.
    public func queue(_ name: String, virtualHost: String) async throws(ManagementError) -> Queue? {
        do {
            return try await get(
                "queues/\(Self.encoded(virtualHost))/\(Self.encoded(name))",
                attempt: "looking at queue \"\(name)\""
            )
        } catch  where error.code == .notFound {
            return nil
        }
    }

    public func exchanges(virtualHost: String) async throws(ManagementError) -> [Exchange] {
        try await get(
            "exchanges/\(Self.encoded(virtualHost))?columns=name,type,durable",
            attempt: "listing the exchanges of \"\(virtualHost)\""
        )
    }

    public func bindings(virtualHost: String) async throws(ManagementError) -> [Binding] {
        try await get("bindings/\(Self.encoded(virtualHost))", attempt: "listing the bindings of \"\(virtualHost)\"")
    }

    public func policies(virtualHost: String) async throws(ManagementError) -> [Policy] {
        try await get("policies/\(Self.encoded(virtualHost))", attempt: "listing the policies of \"\(virtualHost)\"")
    }

    /// Creates the policy or replaces the one of that name.
    public func put(_ policy: Policy, virtualHost: String) async throws(ManagementError) {
        let attempt = "setting policy \"\(policy.name)\" in \"\(virtualHost)\""
        let body: Data
        do {
            body = try JSONEncoder().encode(policy)
        } catch {
            throw ManagementError(code: .malformed, attempt: at(attempt), reason: "can't be written as JSON")
        }
        let path = "policies/\(Self.encoded(virtualHost))/\(Self.encoded(policy.name))"
        _ = try await send(.PUT, path, body: body, attempt: attempt)
    }

    public func nodes() async throws(ManagementError) -> [Node] {
        try await get("nodes", attempt: "listing the broker's nodes")
    }

    /// Why the cluster accepts no publishes, or nil when no alarm is in force. RabbitMQ from 3.8.10.
    public func alarm() async throws(ManagementError) -> String? {
        do {
            _ = try await send(.GET, "health/checks/alarms", body: nil, attempt: "asking for alarms")
            return nil
        } catch  where error.code == .refused(503) {
            return error.reason
        }
    }

    private func get<Answer: Decodable>(_ path: String, attempt: String) async throws(ManagementError) -> Answer {
        let data = try await send(.GET, path, body: nil, attempt: attempt)
        do {
            return try JSONDecoder().decode(Answer.self, from: data)
        } catch {
            throw ManagementError(
                code: .malformed,
                attempt: at(attempt),
                reason: "the answer is not RabbitMQ's; is this the port of the management API?"
            )
        }
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        body: Data?,
        attempt: String
    ) async throws(ManagementError) -> Data {
        var request = HTTPClientRequest(url: "\(url.root)/\(path)")
        request.method = method
        let credentials = Data("\(url.user):\(url.password)".utf8).base64EncodedString()
        request.headers.add(name: "Authorization", value: "Basic \(credentials)")
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let status: Int
        let data: Data
        do {
            let limit = TimeAmount.nanoseconds(Int64(timeout / .nanoseconds(1)))
            let response = try await Self.client.execute(request, timeout: limit)
            status = Int(response.status.code)
            data = Data(try await response.body.collect(upTo: Self.maxAnswer).readableBytesView)
        } catch {
            throw failure(error, attempt: attempt)
        }
        guard (200..<300).contains(status) else { throw refusal(status, data, attempt: attempt) }
        return data
    }

    private static func encoded(_ part: String) -> String { URLParts.encode(part) }

    private func at(_ attempt: String) -> String { "\(attempt) at \(url)" }
}

extension RabbitMQManagement {
    private func failure(_ error: any Error, attempt: String) -> ManagementError {
        if let error = error as? HTTPClientError, [.deadlineExceeded, .connectTimeout, .readTimeout].contains(error) {
            let reason = "no answer within \(timeout); is the address right, and the management plugin enabled?"
            return ManagementError(code: .timedOut, attempt: at(attempt), reason: reason)
        }
        if error is CancellationError || error as? HTTPClientError == .cancelled {
            return ManagementError(code: .timedOut, attempt: at(attempt), reason: "cancelled")
        }
        if error is NIOTooManyBytesError {
            return ManagementError(code: .malformed, attempt: at(attempt), reason: "the answer is larger than 64 MiB")
        }
        let reason = "can't be reached (\(error)); is the address right, and the management plugin enabled?"
        return ManagementError(code: .unreachable, attempt: at(attempt), reason: reason)
    }

    private func refusal(_ status: Int, _ body: Data, attempt: String) -> ManagementError {
        struct Answer: Decodable {
            var reason: String?
        }
        let said = (try? JSONDecoder().decode(Answer.self, from: body))?.reason
        let code: ManagementError.Code
        let reason: String
        switch status {
        case 401:
            let isUntagged = said?.contains("management") == true
            code = isUntagged ? .forbidden : .unauthorized
            reason =
                isUntagged
                ? "user \(url.user) lacks the tag for it; rabbitmqctl set_user_tags \(url.user) management"
                : "wrong user or password for \(url.user) (guest is accepted from localhost only)"
        case 403:
            code = .forbidden
            reason = "user \(url.user) may not do this; policies need the tag policymaker"
        case 404:
            code = .notFound
            reason = "not found (virtual host or name)"
        default:
            code = .refused(status)
            reason = said.map { "\($0) (HTTP \(status))" } ?? "HTTP \(status)"
        }
        return ManagementError(code: code, attempt: at(attempt), reason: reason)
    }
}
