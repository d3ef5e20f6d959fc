/// A server that runs language models and embedding models.
///
/// Calls throw `ModelServerError`, or `CancellationError` when their task is cancelled. Several may run at once.
package protocol ModelServer: Sendable {
    /// Its address, without credentials.
    var address: String { get }

    /// The names of the models it has.
    func models() async throws -> [String]

    /// Generates the answer to a prompt or a conversation.
    ///
    /// - Parameter onText: Gets every piece of the answer as it comes, in order; usually one token.
    func complete(_ request: ModelRequest, onText: @escaping @Sendable (String) -> Void) async throws -> ModelCompletion

    /// The vectors of texts, in their order.
    func embed(_ texts: [String], model: String) async throws -> ModelEmbeddings
}
