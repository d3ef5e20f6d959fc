import Connections

/// One model server, as the settings name it.
package struct ModelInstance: Sendable, Hashable {
    package enum API: String, Sendable, CaseIterable {
        case ollama
        case openai
    }

    /// Without a slash at the end and without credentials; for `openai` with its version: `http://host:8000/v1`.
    package var address: String
    package var api: API
    /// Sent as `Authorization: Bearer …`.
    package var key: String?

    package init(address: String, api: API = .ollama, key: String? = nil) {
        self.address = address
        self.api = api
        self.key = key
    }

    /// The client for it.
    package func server(_ limits: ModelServerLimits) -> any ModelServer {
        switch api {
        case .ollama: OllamaServer(address: address, key: key, limits: limits)
        case .openai: OpenAIServer(address: address, key: key, limits: limits)
        }
    }
}
