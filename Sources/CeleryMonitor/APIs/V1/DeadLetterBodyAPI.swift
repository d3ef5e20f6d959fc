import CeleryProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import OrderedCollections

/// `GET /api/v1/dead-letters/<queue>/<key>/body`: the bytes of a dead letter's body, as they lie in the queue.
enum DeadLetterBodyAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/v1/dead-letters/:queue/:key/body"
    /// Bytes may hold secrets that are hidden elsewhere.
    static let role = Role.operator_
    static let description = APIDescription(
        tag: "Queues",
        summary: "The bytes of a dead letter's body",
        path: ["queue": "The queue of dead letters", "key": "As the pages name it"],
        schema: ["type": "string", "format": "binary"],
        contentType: "application/octet-stream",
        refusals: [404: "There is no such message now"]
    )

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        let (queue, key) = (try request.parameter("queue"), try request.parameter("key"))
        let body: [UInt8]?
        do {
            body = try await monitor.deadLetters.wholeBody(key, in: queue)
        } catch {
            throw DeadLetters.pageError(error, queue)
        }
        guard let body else { throw APIError.notFound("there is no such message in \(queue) now") }
        return APIAnswer(
            contentType: "application/octet-stream",
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
