import CeleryProtocol
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import OrderedCollections

/// `GET /api/events`: events as they come, as Server-Sent Events.
///
/// A message's `event` is the event's type, its `data` the event as JSON, with `name` wherever it is known. A reader that
/// is slow loses what comes beyond `EventStream.capacity`, and is told how much: `event: missed`, `data: {"missed": 12}`.
enum EventsAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/events"
    static let description = APIDescription(
        tag: "Events",
        summary: "Events of tasks and workers as they come (Server-Sent Events)",
        details: """
            Each message's event is the type, its data the event as JSON. A slow reader loses events, and a message
            `missed` tells how many. A comment every 15 seconds keeps the connection. Several values: separated by commas.
            """,
        query: [
            .init(name: "type", text: "E.g. task-failed or worker-*"),
            .init(name: "name", text: "The task's name, * for any characters"),
            .init(name: "state", text: "E.g. FAILURE"), .init(name: "worker", text: "The worker, * for any characters"),
        ],
        schema: ["type": "string"],
        contentType: "text/event-stream",
        refusals: [503: "too many read already"]
    )

    private static let pulse = Duration.seconds(15)

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        func list(_ name: String) -> [String] {
            request.text(name)?.split(separator: ",").prefix(50).map(String.init) ?? []
        }
        let filter = EventFilter(
            types: list("type"),
            names: list("name"),
            states: Set(list("state").map { $0.uppercased() }),
            workers: list("worker")
        )
        guard let reader = monitor.eventStream.read(filter) else {
            throw APIError.unavailable("\(EventStream.maxReaders) read the event stream already; try again later")
        }
        let redaction = Redaction(monitor.settings.redactedFields)
        return .events { writer in
            // Shows when nobody listens any more.
            let pulses = Task { while (try? await Task.sleep(for: pulse)) != nil { reader.pulse() } }
            defer {
                pulses.cancel()
                monitor.eventStream.stop(reader)
            }
            try await writer.write(ByteBuffer(string: ": events follow\n\n"))
            for await event in reader.events {
                var buffer = ByteBuffer()
                let missed = reader.takeMissed()
                if missed > 0 { buffer.writeString("event: missed\ndata: {\"missed\": \(missed)}\n\n") }
                write(event, to: &buffer, redaction)
                try await writer.write(buffer)
            }
        }
    }

    private static func write(_ named: NamedEvent?, to buffer: inout ByteBuffer, _ redaction: Redaction) {
        guard let named else {
            buffer.writeString(": \n\n")
            return
        }
        guard case .map(var event) = redaction.value(.map(named.event)) else { return }
        if event["name"] == nil, let name = named.name { event["name"] = .string(name) }
        // What a worker calls a type could hold a line break, and end the message.
        let type = named.type.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        buffer.writeString("event: \(type)\ndata: ")
        buffer.writeBytes(JSONWriter.bytes(.map(event)))
        buffer.writeString("\n\n")
    }
}
