import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /dead-letters/<queue>/<key>/body`: the bytes of a dead letter's body, as they lie in the queue.
struct DeadLetterAPI: API {
    private let monitor: Monitor

    init(_ monitor: Monitor, actions: ActionRunner) { self.monitor = monitor }

    var endpoints: [Endpoint] {
        [
            // Bytes may hold secrets that are hidden elsewhere.
            Endpoint(method: .get, path: "/dead-letters/:queue/:key/body", role: .operator_) { _, context in
                try await body(context)
            }
        ]
    }

    private func body(_ context: WebContext) async throws -> Response {
        let parameters = context.parameters.strings
        guard let queue = parameters["queue"], let key = parameters["key"],
            let bytes = try await monitor.deadLetters.wholeBody(key, in: queue)
        else { throw HTTPError(.notFound, message: "there is no such message now") }
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        headers[.contentDisposition] = "attachment; filename=\"\(key.filter(\.isHexDigit).prefix(64)).body\""
        headers[.cacheControl] = "no-store"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
