import CeleryProtocol
import OrderedCollections

/// All commands of remote control, and how one is called.
enum ControlCommands {
    static let all: [any ControlCommand.Type] = [
        PingCommand.self,
        ClockCommand.self,
        HelloCommand.self,
        HeartbeatCommand.self,
        EnableEventsCommand.self,
        DisableEventsCommand.self,
        ElectionCommand.self,
        ActiveQueues.self,
        ActiveTasks.self,
        AddConsumer.self,
        AutoscaleCommand.self,
        CancelConsumer.self,
        ConfigurationCommand.self,
        MemoryDump.self,
        MemorySample.self,
        ObjectGraph.self,
        PoolGrow.self,
        PoolRestart.self,
        PoolShrink.self,
        QueryTask.self,
        RateLimitCommand.self,
        RegisteredTasks.self,
        ReportCommand.self,
        ReservedTasks.self,
        RevokeByStampedHeaders.self,
        RevokeCommand.self,
        RevokedTasks.self,
        ScheduledTasks.self,
        ShutdownCommand.self,
        StatsCommand.self,
        TerminateCommand.self,
        TimeLimitCommand.self,
    ]

    private static let byName = Dictionary(
        all.flatMap { type in type.names.map { ($0, type) } },
        uniquingKeysWith: { $1 }
    )

    /// Carries out one request; whatever goes wrong becomes the answer `{"error": repr}` (`kombu/pidbox.py`,
    /// `Node.dispatch`).
    static func run(_ request: ControlRequest, on core: WorkerCore) -> CeleryValue? {
        do {
            if let custom = core.celery.controlCommands[request.method] { return try custom(request.arguments) }
            guard let type = byName[request.method] else {
                throw ExceptionRecord(type: "KeyError", message: [.string(request.method)])
            }
            return try bind(type, request).run(on: core)
        } catch {
            let text = pythonRepr(error)
            core.logger.error("pidbox command error: \(request.method): \(text)")
            return .error(text)
        }
    }

    private static func bind<C: ControlCommand>(_ type: C.Type, _ request: ControlRequest) throws -> C {
        var arguments = request.arguments
        guard arguments.count <= 1000 else {
            throw ExceptionRecord.typeError("\(request.method)() got \(arguments.count) arguments")
        }
        while true {
            do {
                let body = TaskBody.values(args: [], kwargs: arguments, embed: nil)
                return try ArgumentsDecoder.decode(type, from: body, taskName: request.method)
            } catch let error as ArgumentError {
                guard C.ignoresUnknownArguments, case .unexpected(let name) = error.reason,
                    arguments.removeValue(forKey: name) != nil
                else { throw error }
            }
        }
    }

    private static func pythonRepr(_ error: any Error) -> String {
        switch error {
        case let record as ExceptionRecord: record.pythonRepr
        case let exception as any PythonException: exception.exceptionRecord.pythonRepr
        case let error as ArgumentError: ExceptionRecord.typeError(error.description).pythonRepr
        default: ExceptionRecord.runtimeError(String(describing: error)).pythonRepr
        }
    }
}
