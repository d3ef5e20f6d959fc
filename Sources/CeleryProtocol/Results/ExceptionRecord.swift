import OrderedCollections

/// An exception as Celery stores it: where its class is found, its name, and its arguments
/// (`celery/backends/base.py`, `prepare_exception` and `exception_to_python`).
///
/// A Python client makes the exception again from these, so the class should be one that it can import.
public struct ExceptionRecord: Sendable, Hashable, Error {
    /// The Python module of the class; nil when the record does not say.
    public var module: String?
    /// The qualified name of the class, `Outer.Inner` for a nested one.
    public var type: String
    /// The arguments of the exception (`exc.args`).
    public var message: [CeleryValue]

    public init(module: String? = "builtins", type: String, message: [CeleryValue] = []) {
        self.module = module
        self.type = type
        self.message = message
    }

    /// Reads `{"exc_type", "exc_message", "exc_module"}`; nil for anything else.
    public init?(_ value: CeleryValue) {
        guard let map = value.mapValue, let type = map["exc_type"]?.stringValue else { return nil }
        self.type = type
        module = map["exc_module"]?.stringValue
        switch map["exc_message"] {
        case .array(let arguments): message = arguments
        case .some(let argument): message = [argument]
        case nil: message = [""]
        }
    }

    /// The dictionary that is stored, in Python's key order.
    public var value: CeleryValue {
        [
            "exc_type": .string(type), "exc_message": .array(message),
            "exc_module": module.map(CeleryValue.string) ?? .null,
        ]
    }

    /// The name of the class alone.
    public var className: String {
        guard let dot = type.lastIndex(of: ".") else { return type }
        return String(type[type.index(after: dot)...])
    }

    /// What Python's `repr(exc)` prints: `ValueError('x')`.
    public var pythonRepr: String {
        switch (module, type) {
        case ("celery.exceptions", "NotRegistered"):
            return "Task of kind \(pythonString) never registered, please make sure it's imported."
        case ("celery.exceptions", "Reject"):
            let requeue = PythonRepr.str(message.count > 1 ? message[1] : .bool(false))
            return "reject requeue=\(requeue): \(PythonRepr.str(message.first ?? .null))"
        default:
            return className + "(" + message.map(PythonRepr.full).joined(separator: ", ") + ")"
        }
    }

    /// What Python's `str(exc)` prints: the argument alone, or several as a tuple.
    public var pythonString: String {
        switch (module, type) {
        case ("billiard.exceptions", "TimeLimitExceeded"), ("billiard.exceptions", "SoftTimeLimitExceeded"):
            return type + tuple
        case ("celery.exceptions", "NotRegistered"), ("builtins", "KeyError"):
            if message.count == 1 { return PythonRepr.full(message[0]) }
        default: break
        }
        switch message.count {
        case 0: return ""
        case 1: return PythonRepr.str(message[0])
        default: return tuple
        }
    }

    private var tuple: String {
        let elements = message.map(PythonRepr.full).joined(separator: ", ")
        return message.count == 1 ? "(\(elements),)" : "(\(elements))"
    }
}

extension ExceptionRecord: CustomStringConvertible {
    public var description: String { pythonRepr }
}
