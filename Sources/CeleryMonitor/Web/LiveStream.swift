import Foundation
import Hummingbird
import ServiceLifecycle

/// `GET /live/tasks?state=FAILURE`: what lies in `<main>` of that page, as Server-Sent Events, whenever it is different.
///
/// A page is rendered at most once a second, when one of its topics has changed, and sent when what it shows has. A
/// comment every 15 seconds keeps the stream open; the event `end` says that the login has ended.
struct LiveStream: Sendable {
    let pages: PageHandler
    let streams: EventStreams

    private static let pause = Duration.seconds(1)

    func response<P: Page>(_ type: P.Type, _ request: Request, _ context: WebContext) async throws -> Response {
        var asked = try pages.asked(request, context)
        asked.path = String(asked.path.dropFirst("/live".count))
        let surroundings = pages.surroundings(asked, context, request)
        let page = try P(asked)
        return try streams.response(request, context) { events in
            var sent: Int?
            for await _ in Self.occasions(page.topics, pages.monitor.changes).cancelOnGracefulShutdown() {
                guard events.isAlive() else { return try await events.send("end", "") }
                do {
                    let html = try await pages.main(page, surroundings)
                    if sent == html.hashValue {
                        try await events.beat()
                    } else {
                        sent = html.hashValue
                        try await events.send("main", html)
                    }
                } catch let error as PageError {
                    try await events.send("failure", ActionRunner.text(error))
                }
                try await Task.sleep(for: Self.pause)
            }
        }
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
}
