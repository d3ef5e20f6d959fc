import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /live/tasks?state=FAILURE`: what lies in `<main>` of that page, as Server-Sent Events, whenever it is different.
///
/// A page is rendered at most once a second, when one of its topics has changed, and sent when what it shows has. A
/// comment every 15 seconds keeps proxies from closing the stream, and shows us when nobody listens any more.
struct LiveStream: Sendable {
    let pages: PageHandler

    private static let pause = Duration.seconds(1)

    func response<P: Page>(_ type: P.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        var asked = try pages.asked(request, context)
        asked.path = String(asked.path.dropFirst("/live".count))
        let surroundings = pages.surroundings(asked, context, request)
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        // nginx would keep the stream back (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering).
        headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
        let (page, monitor) = (try P(asked), pages.monitor)
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody { writer in
                var sent: Int?
                for await _ in Self.occasions(page.topics, monitor.changes) {
                    let html: String
                    do {
                        html = try await pages.main(page, surroundings)
                    } catch let error as PageError {
                        try await writer.write(Self.event("failure", ActionRunner.text(error)))
                        continue
                    }
                    if sent != html.hashValue {
                        sent = html.hashValue
                        try await writer.write(Self.event("main", html))
                    } else {
                        try await writer.write(ByteBuffer(string: ": \n\n"))
                    }
                    try await Task.sleep(for: Self.pause)
                }
                try await writer.finish(nil)
            }
        )
    }

    /// When to look: at once, when a topic has changed, and at least every 15 seconds.
    private static func occasions(_ topics: Set<Topic>, _ changes: ChangeHub) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield()
            var seconds = 15
            for case .every(let number) in topics { seconds = min(seconds, number) }
            let work = Task {
                await withTaskGroup(of: Void.self) { [seconds] group in
                    group.addTask { for await _ in changes.listen(topics) { continuation.yield() } }
                    group.addTask {
                        while (try? await Task.sleep(for: .seconds(seconds))) != nil { continuation.yield() }
                    }
                }
            }
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    private static func event(_ name: String, _ data: String) -> ByteBuffer {
        var text = "event: \(name)\n"
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) { text += "data: \(line)\n" }
        return ByteBuffer(string: text + "\n")
    }
}
