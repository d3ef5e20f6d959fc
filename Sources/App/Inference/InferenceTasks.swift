import CeleryWorker
import Inference

/// What the inference tasks of a worker share: the service and how progress is told.
struct InferenceTasks: Sendable {
    let service: InferenceService
    let progressInterval: Duration

    init(_ celery: Celery) {
        let settings = celery.configuration.section(InferenceSettings.self)
        service = InferenceService(
            settings.service,
            redis: celery.configuration.resultBackend.url,
            logger: celery.logger
        )
        progressInterval = settings.progressInterval
    }

    func register(in celery: Celery) {
        celery.register(GenerateTask.self) { task, context in try await task.run(self, context) }
        celery.register(ChatTask.self) { task, context in try await task.run(self, context) }
        celery.register(EmbedTask.self) { task, context in try await task.run(self, context) }
    }

    /// Runs a body that asks the service; what another try may mend becomes a retry as the queue's policy has it.
    func retrying<Output>(_ context: TaskContext, _ body: () async throws -> Output) async throws -> Output {
        do {
            return try await body()
        } catch let error as InferenceError where error.isRetriable {
            throw context.retry(cause: error)
        }
    }
}

extension InferenceError: PythonException {
    /// What the request's sender can mend is Python's ValueError.
    package var exceptionRecord: ExceptionRecord {
        switch self {
        case .unknownModel, .invalid, .refused: .valueError(description)
        case .unavailable:
            ExceptionRecord(module: "chard", type: "InferenceUnavailable", message: [.string(description)])
        case .noInstances:
            ExceptionRecord(module: "chard", type: "InferenceNotConfigured", message: [.string(description)])
        }
    }
}
