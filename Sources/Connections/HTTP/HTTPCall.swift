import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One HTTP request with a body, and the whole answer, within bounds.
package struct HTTPCall: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// For all of it, from the connection to the last byte.
    package var timeout: Duration
    /// The largest answer that is read.
    package var maxBytes: Int

    package init(
        method: String,
        url: String,
        headers: [(name: String, value: String)],
        body: [UInt8],
        timeout: Duration,
        maxBytes: Int
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maxBytes = maxBytes
    }

    package struct Answer: Sendable {
        package var status: Int
        package var reason: String
        /// The header of that name, if there is one.
        package var retryAfter: String?
        package var body: [UInt8]

        init(_ response: HTTPClientResponse, body: [UInt8]) {
            status = Int(response.status.code)
            reason = response.status.reasonPhrase
            retryAfter = response.headers.first(name: "retry-after")
            self.body = body
        }
    }

    package enum Failure: Error, Sendable, Hashable {
        case timedOut
        case tooLarge
        /// No connection, or a broken one.
        case unreachable(String)
        case invalid(String)
    }

    /// Lives as long as the process, so it is never shut down. Redirects are not followed: headers with secrets must
    /// reach nobody but the host they were written for.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.timeout = .init(connect: .seconds(10))
        configuration.redirectConfiguration = .disallow
        // Several tries would all end in the same way, but hide the reason until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        // How many calls run at once is for their callers to bound; with the default of 8, silent ones hold up the rest.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        return HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }()

    /// Sends it; cancelled with the task.
    ///
    /// - Throws: `Failure`, or `CancellationError`.
    package func send() async throws -> Answer {
        try await guarded { _ in try await whole(try await execute()) }
    }

    /// Sends it and waits for the head of the answer.
    func execute() async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(body)
        return try await Self.client.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
    }

    /// The answer with all of its body.
    func whole(_ response: HTTPClientResponse) async throws -> Answer {
        let body = try await response.body.collect(upTo: maxBytes)
        return Answer(response, body: Array(body.readableBytesView))
    }

    /// Runs `work` within the call's time, and says what went wrong in the words of `Failure`.
    func guarded(
        silence: Duration? = nil,
        _ work: @escaping @Sendable (HTTPWatch) async throws -> Answer
    ) async throws -> Answer {
        let watch = HTTPWatch(timeout: timeout, silence: silence)
        do {
            return try await watch.guarding { try await work(watch) }
        } catch {
            try Task.checkCancellation()
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is Failure: error
        case let error as LineError: error.cause
        case is NIOTooManyBytesError: Failure.tooLarge
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout: Failure.timedOut
            case .invalidURL, .emptyHost, .emptyScheme: Failure.invalid("\(error)")
            case .cancelled: CancellationError()
            case .remoteConnectionClosed: Failure.unreachable("it closed the connection before the end of its answer")
            default: Failure.unreachable("\(error)")
            }
        case let error as NIOConnectionError: failure(error.connectionErrors.first?.error ?? ChannelError.eof)
        case let error as IOError: Failure.unreachable(String(cString: strerror(error.errnoCode)))
        default: Failure.unreachable("\(error)")
        }
    }
}
