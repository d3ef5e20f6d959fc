import Connections
import Foundation
import Testing

@testable import TenantStore

extension VectorServerTests {
    @Suite(.serialized)
    struct VectorStoreFaults {
        private static let point = VectorPoint(id: "a", vector: [1, 0], document: "kept", metadata: ["n": 1])

        @Test(.enabled(if: VectorServers.canBreak, VectorServers.cantBreak))
        func aKilledServerFailsClearlyAndComesBack() async throws {
            let store = try VectorServers.store(.chroma2)
            let name = VectorServers.name()
            _ = try await store.create(VectorCollection(name: name, dimension: 2, metric: .cosine))
            try await store.upsert([Self.point], into: name)
            try await VectorServers.control("kill", .chroma2)
            do {
                await #expect { try await store.search([1, 0], in: name, limit: 1, where: nil) } throws: {
                    ($0 as? VectorError)?.kind == .unreachable(store: "chroma2")
                        && ($0 as? VectorError)?.isRetriable == true && "\($0)".contains("does it run?")
                }
                try await VectorServers.control("start", .chroma2)
            } catch {
                try await VectorServers.control("start", .chroma2)
                throw error
            }
            // The very first request goes over a connection that died with the server.
            #expect(try await store.points(["a"], in: name) == [Self.point])
            #expect(try await store.search([1, 0], in: name, limit: 1, where: nil).map(\.id) == ["a"])
            _ = try await store.deleteCollection(name)
        }

        @Test(.enabled(if: VectorServers.canBreak, VectorServers.cantBreak))
        func aFrozenServerRunsIntoTheLimit() async throws {
            let store = try VectorServers.store(.chroma2, timeout: .milliseconds(300))
            let patient = try VectorServers.store(.chroma2)
            try await patient.check()
            try await VectorServers.control("freeze", .chroma2)
            let begin = ContinuousClock.now
            await #expect { try await store.check() } throws: {
                ($0 as? VectorError)?.kind == .unreachable(store: "chroma2") && "\($0)".contains("0.300 s")
            }
            #expect(ContinuousClock.now - begin < .seconds(5))
            try await VectorServers.control("thaw", .chroma2)
            try await patient.check()
        }

        @Test func nobodyThere() async throws {
            for scheme in ["chroma", "qdrant"] {
                let store = try VectorStoreFactory.store(
                    name: "nowhere",
                    url: VectorStoreURL("\(scheme)://127.0.0.1:1"),
                    key: "a secret key",
                    timeout: .seconds(2)
                )
                await #expect { try await store.collections() } throws: {
                    let text = "\($0)"
                    return ($0 as? VectorError)?.kind == .unreachable(store: "nowhere") && !text.contains("secret")
                        && text.contains("127.0.0.1:1")
                }
            }
        }

        /// Each answers with JSON, but of the other's kind.
        @Test func theWrongServerIsNamed() async throws {
            for (scheme, variable) in [("chroma", "CHARD_TEST_QDRANT"), ("qdrant", "CHARD_TEST_CHROMA_1")] {
                let address = try #require(VectorServers.environment[variable])
                let store = try VectorStoreFactory.store(
                    name: "swapped",
                    url: VectorStoreURL(address.replacingOccurrences(of: "http", with: scheme)),
                    key: nil,
                    timeout: .seconds(5)
                )
                await #expect(throws: VectorError.self) { try await store.collections() }
            }
        }
    }
}
