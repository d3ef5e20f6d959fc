public import CeleryProtocol

/// A task that is not Swift has failed without saying which exception that is.
public struct ExternalTaskError: PythonException, Sendable, Hashable {
    /// `CommandFailed` or `RequestFailed`, as the sender sees it.
    public var type: String
    public var text: String

    static func command(_ text: String) -> Self { Self(type: "CommandFailed", text: text) }

    static func request(_ text: String) -> Self { Self(type: "RequestFailed", text: text) }

    public var exceptionRecord: ExceptionRecord {
        ExceptionRecord(module: "chard", type: type, message: [.string(text)])
    }
}
