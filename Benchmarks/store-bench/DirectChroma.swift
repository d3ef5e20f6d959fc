import ArgumentParser
import Connections
import Foundation
import TenantStore

/// Chroma as anybody may call it: requests whose bodies are ready.
final class DirectChroma {
    private let base: String
    private var collection = ""
    private var name = ""

    init(url: String) { base = "\(url)/api/v2/tenants/default_tenant/databases/default_database/collections" }

    func make(_ name: String) async throws {
        struct Made: Decodable { var id: String }
        let body = #"{"name":"\#(name)","configuration":{"hnsw":{"space":"cosine"}}}"#
        self.name = name
        collection = try JSONDecoder().decode(Made.self, from: Data(try await call("POST", base, Array(body.utf8)))).id
    }

    func remove() async throws { _ = try await call("DELETE", "\(base)/\(name)", []) }

    func body(_ points: [VectorPoint]) -> [UInt8] {
        var body = JSONOutput()
        body.raw(#"{"ids":"#)
        body.array(points.map(\.id))
        body.raw(#","embeddings":"#)
        body.array(points) { $0.vector($1.vector) }
        body.raw(#","documents":"#)
        body.array(points.map { $0.document ?? "" })
        body.raw(#","metadatas":"#)
        body.array(points) { $0.object($1.metadata) }
        body.raw("}")
        return body.bytes
    }

    func query(_ vector: [Float]) -> [UInt8] {
        var body = JSONOutput()
        body.raw(#"{"n_results":10,"include":["distances","documents","metadatas"],"query_embeddings":["#)
        body.vector(vector)
        body.raw("]}")
        return body.bytes
    }

    func upsert(_ body: [UInt8]) async throws { _ = try await call("POST", "\(base)/\(collection)/upsert", body) }

    func search(_ body: [UInt8]) async throws { _ = try await call("POST", "\(base)/\(collection)/query", body) }

    private func call(_ method: String, _ url: String, _ body: [UInt8]) async throws -> [UInt8] {
        let call = HTTPCall(
            method: method,
            url: url,
            headers: [("content-type", "application/json")],
            body: body,
            timeout: .seconds(30),
            maxBytes: 64 << 20
        )
        let answer = try await call.send()
        guard (200..<300).contains(answer.status) else {
            throw ValidationError("Chroma answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.body
    }
}
