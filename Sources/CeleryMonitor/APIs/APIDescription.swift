import CeleryProtocol
import OrderedCollections

/// What OpenAPI tells of an endpoint; written beside its code, and `/api/openapi.json` is made of nothing else.
struct APIDescription: Sendable {
    struct Parameter: Sendable {
        var name: String
        /// JSON Schema's: `string`, `integer`, `number`, `boolean`.
        var type = "string"
        var text: String
        var isRequired = false
    }

    /// What a posted body may have.
    struct Body: Sendable {
        var contentType = "application/json"
        var schema: CeleryValue
        var isRequired = false
    }

    /// The group that it is shown in.
    var tag: String
    var summary: String
    var details: String?
    /// Of the path, by name.
    var path: [String: String] = [:]
    var query: [Parameter] = []
    var body: Body?
    /// JSON Schema of what 200 answers.
    var schema: CeleryValue = ["type": "object"]
    var contentType = "application/json"
    /// Others than 200, 401, 403 and 429, with why.
    var refusals: [Int: String] = [:]
}
