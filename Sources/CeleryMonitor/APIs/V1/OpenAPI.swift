import CeleryProtocol
import CeleryWorker
import HTTPTypes
import OrderedCollections

/// `GET /api/openapi.json`: this API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), made of `Routes.apis`.
enum OpenAPI: API {
    static let method = HTTPRequest.Method.get
    static let path = "/api/openapi.json"
    static let description = APIDescription(tag: "Description", summary: "This document")

    static func answer(_ request: APIRequest, _ monitor: Monitor) async throws -> APIAnswer {
        .json(document(urlPrefix: monitor.settings.urlPrefix))
    }

    static func document(urlPrefix: String) -> CeleryValue {
        var paths = CeleryMap()
        for api in Routes.apis {
            let path = pathTemplate(api.path)
            var item = paths[path]?.mapValue ?? [:]
            item[api.method.rawValue.lowercased()] = operation(api)
            paths[path] = .map(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Chard monitor", "version": .string(ChardVersion.current),
                "description": "Flower's REST interface under Flower's paths, and Chard's own under /api/v1.",
                "license": ["name": "See the project"],
            ],
            "servers": [["url": .string(urlPrefix.isEmpty ? "/" : urlPrefix)]],
            "security": [["basic": []], ["bearer": []]],
            "paths": .map(paths),
            "components": [
                "securitySchemes": [
                    "basic": ["type": "http", "scheme": "basic"],
                    "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
                ]
            ],
        ]
    }

    /// `/api/task/info/:id` as `/api/task/info/{id}`.
    static func pathTemplate(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
    }

    private static func operation(_ api: any API.Type) -> CeleryValue {
        let description = api.description
        var operation: CeleryMap = [
            "operationId": .string("\(api)"), "tags": [.string(description.tag)],
            "summary": .string(description.summary),
        ]
        let role = api.isPublic ? "Nobody has to log in." : "Role: \(api.role.rawValue)."
        operation["description"] = .string([description.details, role].compactMap { $0 }.joined(separator: " "))
        if api.isPublic { operation["security"] = [] }
        let parameters = parameters(api)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = description.body {
            operation["requestBody"] = [
                "required": .bool(body.isRequired),
                "content": .map([body.contentType: ["schema": body.schema]]),
            ]
        }
        operation["responses"] = responses(api)
        return .map(operation)
    }

    private static func parameters(_ api: any API.Type) -> [CeleryValue] {
        let inPath = api.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { part -> CeleryValue in
            let name = String(part.dropFirst())
            return [
                "name": .string(name), "in": "path", "required": true, "schema": ["type": "string"],
                "description": .string(api.description.path[name] ?? ""),
            ]
        }
        return inPath
            + api.description.query.map { parameter -> CeleryValue in
                [
                    "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
                    "schema": ["type": .string(parameter.type)], "description": .string(parameter.text),
                ]
            }
    }

    private static func responses(_ api: any API.Type) -> CeleryValue {
        let description = api.description
        var responses: CeleryMap = [
            "200": [
                "description": .string(description.summary),
                "content": .map([description.contentType: ["schema": description.schema]]),
            ]
        ]
        var refusals = description.refusals
        if !api.isPublic {
            refusals[401] = "nobody has logged in"
            if refusals[403] == nil {
                refusals[403] =
                    api.method == .get ? "the role does not allow it" : "the role or read-only mode does not allow it"
            }
            refusals[429] = "too many requests"
        }
        let isOurs = api.path.hasPrefix("/api/v1/")
        let content: CeleryMap =
            isOurs
            ? ["application/json": ["schema": .schema([("error", "string")])]]
            : ["text/plain": ["schema": ["type": "string"]]]
        for (status, text) in refusals.sorted(by: { $0.key < $1.key }) {
            responses["\(status)"] = ["description": .string(text), "content": .map(content)]
        }
        return .map(responses)
    }
}
