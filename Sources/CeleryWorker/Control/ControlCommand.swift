import CeleryProtocol

/// What workers do and tell on request (`celery/worker/control.py`).
///
/// The stored properties are the arguments, bound as a task's are; a request names them by keyword. To add one, write it
/// in ControlCommands/ and add a line to `ControlCommands.all`.
protocol ControlCommand: Decodable, Sendable {
    /// The method and its aliases.
    static var names: [String] { get }

    /// Whether arguments that it does not know are passed over, as by Python's `**kwargs`.
    static var ignoresUnknownArguments: Bool { get }

    /// Carries it out on the control thread: must not wait; what needs I/O goes into a `Task`.
    ///
    /// - Returns: The answer; nil for none at all, `.null` for Python's `None`.
    /// - Throws: An `ExceptionRecord` is answered as that exception, anything else as one of its name.
    func run(on core: WorkerCore) throws -> CeleryValue?
}

extension ControlCommand {
    static var ignoresUnknownArguments: Bool { true }
}

extension CeleryValue {
    /// `{"ok": text}`, the answer of most commands.
    static func ok(_ text: String) -> CeleryValue { ["ok": .string(text)] }

    /// `{"error": text}`.
    static func error(_ text: String) -> CeleryValue { ["error": .string(text)] }
}
