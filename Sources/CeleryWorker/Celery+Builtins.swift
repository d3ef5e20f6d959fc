import CeleryProtocol

/// The tasks that every Celery worker knows (`celery/app/builtins.py`, `celery/contrib/testing/tasks.py`).
extension Celery {
    func registerBuiltins() {
        registerCanvasBuiltins()
        registry.register(
            RegisteredTask(name: "celery.ping", options: TaskOptions(), parameters: .exactly(0)) { _ in
                [UInt8]("\"pong\"".utf8)
            }
        )
        // Redis drops expired results itself.
        registry.register(
            RegisteredTask(name: "celery.backend_cleanup", options: TaskOptions(), parameters: .exactly(0)) { _ in
                [UInt8]("null".utf8)
            }
        )
    }
}
