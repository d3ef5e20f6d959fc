import CeleryWorker
import Inference
import TenantStore

/// What the inference tasks of a worker share: the service and how progress is told.
struct InferenceTasks: Sendable {
    let service: InferenceService
    let progressInterval: Duration
    /// What embeds the documents of `data.processing.*` tasks that name no model.
    let embeddingModel: String?

    /// - Parameter metrics: Where the service's counts go, as `metrics:inference:…`; nil: nowhere.
    init(_ celery: Celery, metrics: Metrics?) {
        let settings = celery.configuration.section(InferenceSettings.self)
        service = InferenceService(
            settings.service,
            redis: celery.configuration.resultBackend.url,
            logger: celery.logger,
            onCount: Self.counting(in: metrics)
        )
        progressInterval = settings.progressInterval
        embeddingModel = settings.embeddingModel
    }

    /// One check for each instance: whether it tells its models.
    var healthChecks: [HealthCheck] {
        service.configuration.instances.map { instance in
            HealthCheck("inference:\(instance.address)") {
                let models = try await service.models(of: instance)
                return ["models": .array(models.map(CeleryValue.string))]
            }
        }
    }

    private static func counting(in metrics: Metrics?) -> @Sendable (InferenceCount, Int) -> Void {
        let counters = InferenceCount.allCases.map { count in
            (count, try? metrics?.counter(MetricName(service: "inference", metric: count.rawValue)))
        }
        let counterOf = Dictionary(uniqueKeysWithValues: counters)
        return { count, amount in counterOf[count]??.increment(by: amount) }
    }

    func register(in celery: Celery) {
        celery.register(GenerateTask.self) { task, context in try await task.run(self, context) }
        celery.register(ChatTask.self) { task, context in try await task.run(self, context) }
        celery.register(EmbedTask.self) { task, context in try await task.run(self, context) }
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
