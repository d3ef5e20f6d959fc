/// A signature that cannot be applied, and the exception that Celery raises for it.
public struct CanvasError: Error, Sendable, Hashable, CustomStringConvertible {
    public var exceptionRecord: ExceptionRecord

    public var description: String { exceptionRecord.pythonRepr }

    /// A signature that lacks what its kind needs, or of a kind that there is not.
    static func malformed(_ text: String) -> CanvasError { builtin("ValueError", text) }

    static func type(_ text: String) -> CanvasError { builtin("TypeError", text) }

    static func runtime(_ text: String) -> CanvasError { builtin("RuntimeError", text) }

    static func improperlyConfigured(_ text: String) -> CanvasError {
        CanvasError(
            exceptionRecord: ExceptionRecord(
                module: "celery.exceptions",
                type: "ImproperlyConfigured",
                message: [.string(text)]
            )
        )
    }

    private static func builtin(_ type: String, _ text: String) -> CanvasError {
        CanvasError(exceptionRecord: ExceptionRecord(module: "builtins", type: type, message: [.string(text)]))
    }
}
