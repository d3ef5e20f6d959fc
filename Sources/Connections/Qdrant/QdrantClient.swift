/// A client of a Qdrant server's REST API, for collections with one unnamed dense vector per point.
///
/// Every change waits until it is applied. Every call throws `ServiceError`, or `CancellationError`. Source: Qdrant's
/// published OpenAPI document (which has no `points/search` any more; `points/query` replaces it).
package struct QdrantClient: Sendable {
    private let service: HTTPService

    /// `key` goes into `api-key`. `timeout` is for one request.
    package init(_ url: VectorStoreURL, key: String? = nil, timeout: Duration) {
        let path = url.path.map { "/" + URLParts.encode($0) }.joined()
        service = HTTPService(
            address: url.description,
            root: url.root + path,
            headers: key.map { [("api-key", $0)] } ?? [],
            timeout: timeout
        )
    }

    package func ready() async throws {
        _ = try await service.send("GET", "/readyz", attempt: "asking whether it is ready", said: Self.message)
    }

    /// The names of all collections.
    package func collections() async throws -> [String] {
        try await result("GET", "/collections", "listing collections") { input in
            var names: [String] = []
            try input.member("collections") { input in
                try input.array { try $0.member("name") { names.append(try $0.string()) } }
            }
            return names
        }
    }

    /// nil when there is none of that name.
    package func collection(_ name: String) async throws -> QdrantCollection? {
        do {
            return try await result("GET", path(name), "looking for collection \(name)") {
                try QdrantCollection.read(&$0)
            }
        } catch let error as ServiceError where error.code == .notFound {
            return nil
        }
    }

    /// False when there is one of that name already, which stays as it is.
    package func create(_ name: String, dimension: Int, distance: String) async throws -> Bool {
        var body = JSONOutput()
        body.raw(#"{"vectors":{"size":"#)
        body.value(dimension)
        body.raw(#","distance":"#)
        body.value(distance)
        body.raw("}}")
        do {
            try await result("PUT", path(name), body: body, "creating collection \(name)") { try $0.skip() }
            return true
        } catch let error as ServiceError {
            // Some versions say 400 where others say 409, so the collection itself is asked.
            guard case .refused = error.code, try await collection(name) != nil else { throw error }
            return false
        }
    }

    /// False when there is none of that name.
    package func deleteCollection(_ name: String) async throws -> Bool {
        do {
            return try await result("DELETE", path(name), "deleting collection \(name)") { try $0.bool() }
        } catch let error as ServiceError where error.code == .notFound {
            return false
        }
    }

    func path(_ collection: String, _ rest: String = "") -> String {
        "/collections/\(URLParts.encode(collection))\(rest)"
    }

    /// Sends one request and reads `result` of its answer.
    func result<Value>(
        _ method: String,
        _ path: String,
        body: JSONOutput = JSONOutput(),
        _ attempt: @autoclosure () -> String,
        _ read: (inout JSONInput) throws -> Value
    ) async throws -> Value {
        let answer = try await service.send(method, path, body: body.bytes, attempt: attempt(), said: Self.message)
        var input = JSONInput(answer)
        var value: Value?
        do {
            try input.member("result") { value = try read(&$0) }
        } catch let error as JSONInputError {
            throw malformed("\(error)", attempt())
        }
        guard let value else { throw malformed("no \"result\"", attempt()) }
        return value
    }

    private func malformed(_ reason: String, _ attempt: String) -> ServiceError {
        ServiceError(
            code: .malformed,
            attempt: "\(attempt) at \(service.address)",
            reason: "the answer is not Qdrant's (\(reason)); is this its address?"
        )
    }

    /// `{"status": {"error": …}}`.
    private static func message(_ body: [UInt8]) -> String? {
        var input = JSONInput(body)
        var message: String?
        try? input.member("status") { try $0.member("error") { message = try $0.string() } }
        return message
    }
}
