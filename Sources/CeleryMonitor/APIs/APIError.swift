import HTTPTypes

/// Why an API call was refused. Flower's endpoints answer the text alone (`flower/api/__init__.py`), those under
/// `/api/v1` an object with `error`.
struct APIError: Error, Sendable, Hashable {
    var status: HTTPResponse.Status
    var text: String

    init(_ status: HTTPResponse.Status, _ text: String) {
        self.status = status
        self.text = text
    }

    static func notFound(_ text: String) -> APIError { APIError(.notFound, text) }
    static func badRequest(_ text: String) -> APIError { APIError(.badRequest, text) }
    static func unavailable(_ text: String) -> APIError { APIError(.serviceUnavailable, text) }
}
