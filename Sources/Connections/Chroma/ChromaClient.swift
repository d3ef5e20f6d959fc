/// A client of one database of a Chroma server (REST API v2, as of Chroma 1.5.9).
///
/// It knows ids of collections, not names; see `ChromaVectorStore` for what remembers them. Every call throws
/// `ServiceError`, or `CancellationError`. Source: the server's own `/openapi.json`.
package struct ChromaClient: Sendable {
    private let service: HTTPService
    /// The path of the database's collections.
    private let base: String

    /// `token` goes into `x-chroma-token`. `timeout` is for one request.
    package init(_ url: VectorStoreURL, token: String? = nil, timeout: Duration) {
        let path = url.path.count == 2 ? url.path : ["default_tenant", "default_database"]
        base = "/tenants/\(URLParts.encode(path[0]))/databases/\(URLParts.encode(path[1]))/collections"
        service = HTTPService(
            address: url.description,
            root: url.root + "/api/v2",
            headers: token.map { [("x-chroma-token", $0)] } ?? [],
            timeout: timeout
        )
    }

    package func heartbeat() async throws {
        _ = try await get("/heartbeat", "asking whether it is alive")
    }

    package func collections() async throws -> [ChromaCollection] {
        let page = 1000
        var all: [ChromaCollection] = []
        while true {
            let answer = try await get("\(base)?limit=\(page)&offset=\(all.count)", "listing collections")
            let found = try read(answer, "listing collections") { input in
                var found: [ChromaCollection] = []
                try input.array { found.append(try ChromaCollection.read(&$0)) }
                return found
            }
            all += found
            guard found.count == page else { return all }
        }
    }

    /// nil when there is none of that name.
    package func collection(_ name: String) async throws -> ChromaCollection? {
        do {
            let attempt = "looking for collection \(name)"
            let answer = try await get("\(base)/\(URLParts.encode(name))", attempt)
            return try read(answer, attempt) { try ChromaCollection.read(&$0) }
        } catch let error as ServiceError where error.code == .notFound {
            return nil
        }
    }

    /// The collection of that name, made if there is none; one that is there stays as it is.
    package func create(
        _ name: String,
        space: String,
        metadata: [String: MetadataValue]
    ) async throws -> ChromaCollection {
        var body = JSONOutput()
        body.raw(#"{"get_or_create":true,"name":"#)
        body.value(name)
        body.raw(#","configuration":{"hnsw":{"space":"#)
        body.value(space)
        body.raw(#"}},"metadata":"#)
        body.object(metadata)
        body.raw("}")
        let attempt = "creating collection \(name)"
        return try read(try await post(base, body, attempt), attempt) { try ChromaCollection.read(&$0) }
    }

    /// False when there is none of that name.
    package func deleteCollection(_ name: String) async throws -> Bool {
        do {
            let attempt = "deleting collection \(name)"
            let path = "\(base)/\(URLParts.encode(name))"
            _ = try await service.send("DELETE", path, attempt: attempt, said: Self.message)
            return true
        } catch let error as ServiceError where error.code == .notFound {
            return false
        }
    }
}

extension ChromaClient {
    func collectionPath(_ id: String, _ action: String) -> String { "\(base)/\(URLParts.encode(id))/\(action)" }

    func get(_ path: String, _ attempt: String) async throws -> [UInt8] {
        try await service.send("GET", path, attempt: attempt, said: Self.message)
    }

    func post(_ path: String, _ body: JSONOutput, _ attempt: @autoclosure () -> String) async throws -> [UInt8] {
        try await service.send("POST", path, body: body.bytes, attempt: attempt(), said: Self.message)
    }

    func read<Value>(
        _ answer: [UInt8],
        _ attempt: @autoclosure () -> String,
        _ body: (inout JSONInput) throws -> Value
    ) throws -> Value {
        var input = JSONInput(answer)
        do {
            return try body(&input)
        } catch let error as JSONInputError {
            let reason = "the answer is not Chroma's (\(error)); is this its address?"
            throw ServiceError(code: .malformed, attempt: "\(attempt()) at \(service.address)", reason: reason)
        }
    }

    /// `{"error": …, "message": …}`.
    private static func message(_ body: [UInt8]) -> String? {
        var input = JSONInput(body)
        var message: String?
        try? input.object { key, input in
            if key == "message" { message = try input.string() } else { try input.skip() }
        }
        return message
    }
}
