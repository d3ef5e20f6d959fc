public import CeleryProtocol

extension Celery {
    /// Adds a control command to the workers of this object, or replaces the one of that name; Celery's
    /// `@control_command`.
    ///
    /// - Parameters:
    ///   - name: The method that clients name: `app.control.broadcast("name")` in Python.
    ///   - body: Gets the arguments by name and returns the answer: nil for none at all, `.null` for Python's `None`. An
    ///     error that it throws is answered as `{"error": …}`; a `PythonException` by the name and text it has in
    ///     Python. It runs on the thread of all control commands: it must be quick, and not wait.
    public func registerControlCommand(
        _ name: String,
        _ body: @escaping @Sendable (_ arguments: CeleryMap) throws -> CeleryValue?
    ) {
        controlCommands[name] = body
    }
}
