import Connections
import HTTPTypes
import Hummingbird
import NIOCore

/// Server-Sent Events within bounds: so many streams at once, none for a reader who does not read, and none that outlives
/// the login it was opened with, or the client's connection.
struct EventStreams: Sendable {
    private let counts: StreamCounts
    private let sessions: Sessions

    /// - Parameter limit: Streams at once; of one identity at most a quarter of them.
    init(limit: Int, sessions: Sessions) {
        counts = StreamCounts(limit: limit)
        self.sessions = sessions
    }

    /// Answers with a stream that `write` fills until it returns; its task is cancelled when the client leaves. What it
    /// waits for should end at graceful shutdown (`cancelOnGracefulShutdown()`), for the server waits for it.
    ///
    /// - Throws: `HTTPError` 429 when there are too many.
    func response(
        _ request: Request,
        _ context: WebContext,
        _ write: @escaping @Sendable (inout EventWriter) async throws -> Void
    ) throws -> Response {
        let who = context.identity?.method == .loopback ? context.address : context.identity?.name ?? ""
        // The place is taken when the body begins, for one of an answer that is never sent would never be given back.
        guard counts.hasRoom(who) else {
            throw HTTPError(.tooManyRequests, headers: [.retryAfter: "10"], message: "too many live pages are open")
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // nginx would keep the stream back (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering).
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        let isAlive = isAlive(context)
        let body = ResponseBody { [counts] writer in
            guard counts.take(who) else { return try await writer.finish(nil) }
            defer { counts.give(who) }
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var events = EventWriter(writer: writer, channel: context.channel, isAlive: isAlive)
                try await write(&events)
                try await writer.finish(nil)
            }
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func isAlive(_ context: WebContext) -> @Sendable () -> Bool {
        let (session, until) = (context.session, context.until)
        return { [sessions] in
            (session.map { sessions.isAlive($0) } ?? true) && (until.map { $0 > WallClock.seconds } ?? true)
        }
    }
}

/// Writes events to one client.
struct EventWriter {
    fileprivate var writer: any ResponseBodyWriter
    fileprivate let channel: any Channel
    /// Whether whoever reads may still do so.
    let isAlive: @Sendable () -> Bool

    /// How long one write may take; then the connection is closed, for nobody reads.
    private static let patience = TimeAmount.seconds(30)

    mutating func send(_ name: String, _ data: String) async throws {
        var text = "event: \(name)\n"
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) { text += "data: \(line)\n" }
        try await write(ByteBuffer(string: text + "\n"))
    }

    /// A comment: keeps proxies from closing the stream, and shows us when nobody listens any more.
    mutating func beat() async throws { try await write(ByteBuffer(string: ": \n\n")) }

    private mutating func write(_ buffer: ByteBuffer) async throws {
        let channel = channel
        let timer = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        defer { timer.cancel() }
        try await writer.write(buffer)
    }
}
