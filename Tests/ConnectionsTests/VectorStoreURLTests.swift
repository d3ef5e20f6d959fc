import Testing

@testable import Connections

struct VectorStoreURLTests {
    @Test(arguments: [
        ("chroma://store:8001", "chroma://store:8001"), ("qdrant://store", "qdrant://store:6333"),
        ("chroma://store", "chroma://store:8000"),
        ("chroma+https://store:443/acme/main", "chroma+https://store:443/acme/main"),
        ("qdrant+https://[::1]:6333/behind/proxy", "qdrant+https://[::1]:6333/behind/proxy"),
    ])
    func isRead(text: String, shown: String) throws { #expect(try VectorStoreURL(text).description == shown) }

    @Test(arguments: [
        "http://store:8000", "chroma", "chroma+tls://store", "chroma://store/onlytenant", "redis://store",
        "chroma://store:99999", "chroma+https+https://store",
    ])
    func isRefused(text: String) { #expect(throws: ConnectionURLError.self) { try VectorStoreURL(text) } }

    @Test func aKeyInTheURLIsRefusedAndNotShown() {
        #expect { try VectorStoreURL("qdrant://user:secret@store") } throws: {
            $0 is ConnectionURLError && !"\($0)".contains("secret") && "\($0)".contains("api_key")
        }
    }
}
