import CeleryProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import OrderedCollections

/// What an endpoint answers.
struct APIAnswer: Sendable {
    var status = HTTPResponse.Status.ok
    var contentType: String
    var body: ResponseBody

    static func json(_ value: CeleryValue, status: HTTPResponse.Status = .ok) -> APIAnswer {
        let bytes = JSONWriter.bytes(value)
        return APIAnswer(
            status: status,
            contentType: "application/json; charset=UTF-8",
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> APIAnswer {
        APIAnswer(
            status: status,
            contentType: "text/plain; charset=UTF-8",
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func message(_ text: String) -> APIAnswer { .json(["message": .string(text)]) }

    /// Server-Sent Events.
    static func events(_ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void) -> APIAnswer {
        APIAnswer(
            contentType: "text/event-stream",
            body: ResponseBody { writer in
                try await write(&writer)
                try await writer.finish(nil)
            }
        )
    }

    var response: Response {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        if contentType == "text/event-stream", let buffering = HTTPField.Name("X-Accel-Buffering") {
            // nginx would keep the stream back.
            headers[buffering] = "no"
        }
        return Response(status: status, headers: headers, body: body)
    }
}
