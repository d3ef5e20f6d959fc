import Foundation
import HTTPTypes
import Hummingbird

extension Request {
    /// The answer is for a program: it says so, or it asked below /api.
    var wantsJSON: Bool { headers[.accept]?.lowercased().contains("application/json") ?? false }
}

extension Response {
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: .init(bytes: data)))
    }
}
