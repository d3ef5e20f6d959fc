import Connections

/// Makes the driver of a store's URL.
package enum VectorStoreFactory {
    /// `key` is Qdrant's API key or Chroma's token. `timeout` is for one request.
    package static func store(name: String, url: VectorStoreURL, key: String?, timeout: Duration) -> any VectorStore {
        switch url.engine {
        case .chroma: ChromaVectorStore(name: name, url: url, token: key, timeout: timeout)
        case .qdrant: QdrantVectorStore(name: name, url: url, key: key, timeout: timeout)
        }
    }
}
