import CeleryWorker
import Inference
import Synchronization
import TenantStore

/// The servers behind the tasks of this process; each is connected when a task first needs it.
final class Stores: Sendable {
    let state: StateStore?
    let inference: InferenceTasks
    private let layout: TenantLayout?
    private let shards: Vectors?
    private let logger: Logger
    /// By queue: the tasks of one can't use up the connections of another.
    private let pools = Mutex<[String: TenantRows]>([:])

    init(_ celery: Celery) {
        let configuration = celery.configuration
        logger = celery.logger
        layout = configuration.section(ShardSettings.self).layout
        // Throws only when no store is named.
        shards = try? configuration.vectors(logger: celery.logger)
        state = StateSettings.store(configuration, node: celery.nodename, logger: celery.logger)
        inference = InferenceTasks(celery, metrics: state?.metrics)
    }

    /// Tenants' rows, over the connections of the queue that the task came from.
    ///
    /// - Throws: `ExceptionRecord`: a Python `RuntimeError`, when the settings name no server.
    func rows(of context: TaskContext) throws -> TenantRows {
        guard let layout else {
            throw Self.missing("PostgreSQL server", "shards: {servers: {a: {url: …, tenants: 0..999}}}")
        }
        return pools.withLock { pools in
            if let rows = pools[context.queue] { return rows }
            let rows = TenantRows(layout, pool: context.queue, logger: logger)
            pools[context.queue] = rows
            return rows
        }
    }

    /// - Throws: As `rows(of:)`.
    func vectors() throws -> Vectors {
        guard let shards else { throw Self.missing("vector store", "vectors: {stores: {one: {url: chroma://…}}}") }
        return shards
    }

    /// nil when the settings name no vector store.
    var vectorsIfConfigured: Vectors? { shards }

    /// The vectors of texts.
    ///
    /// - Parameter model: nil: `inference.embedding_model` of the settings.
    func embed(_ texts: [String], model: String?) async throws -> [[Float]] {
        guard let model = model ?? inference.embeddingModel else {
            throw ExceptionRecord.valueError("name a model, or set inference.embedding_model in queues.yaml")
        }
        return try await inference.service.embed(model: model, texts: texts)
    }

    /// What `system.health.check` looks at beside broker, Redis and the machine.
    var healthChecks: [HealthCheck] {
        var checks: [HealthCheck] = state.map { [.state($0)] } ?? []
        if let layout { checks += HealthCheck.postgres(layout, logger) }
        if let shards { checks += HealthCheck.vectors(shards) }
        return checks + inference.healthChecks
    }

    func close() async {
        for rows in pools.withLock({ Array($0.values) }) { await rows.close() }
        await state?.close()
        inference.service.close()
    }

    private static func missing(_ what: String, _ example: String) -> ExceptionRecord {
        .runtimeError("no \(what) is configured; name one in queues.yaml: \(example)")
    }
}
