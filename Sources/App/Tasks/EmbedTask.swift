import CeleryWorker
import Connections
import Inference

/// `ai.inference.embed(model, texts, cache=True)` computes the vectors of texts, in their order.
///
/// Texts of tasks that run at the same time go to an instance together. It returns ``Result``. Python sees ValueError
/// for an unknown model and for texts that are empty, too large or too many; it is retried while no instance can serve
/// the model.
struct EmbedTask: CeleryTask {
    typealias Output = Result

    static let name = "ai.inference.embed"

    var model: String
    var texts: [String]
    var cache: Bool?

    struct Result: Codable, Sendable {
        var model: String
        var embeddings: [[Float]]
        /// Numbers in each vector.
        var dimensions: Int
        /// The address of the instance that computed those that were in no cache.
        var instance: String?
        /// `local` when all were in the worker's memory, `redis` when some of them came from Redis, else null.
        var cached: String?
        /// How many vectors came from a cache.
        var hits: Int
        var timings: Timings

        /// Milliseconds.
        struct Timings: Codable, Sendable {
            var total: Double

            private enum CodingKeys: String, CodingKey {
                case total = "total_ms"
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encode(embeddings, forKey: .embeddings)
            try container.encode(dimensions, forKey: .dimensions)
            try container.encode(instance, forKey: .instance)
            // Present even when null, so that clients need not ask whether it is there.
            try container.encode(cached, forKey: .cached)
            try container.encode(hits, forKey: .hits)
            try container.encode(timings, forKey: .timings)
        }
    }

    func run(_ inference: InferenceTasks, _ context: TaskContext) async throws -> Result {
        let begin = MonotonicTime.now
        let answer = try await context.attempt {
            try await inference.service.embeddings(of: texts, model: model, usesCache: cache ?? true)
        }
        let total = Duration.nanoseconds(MonotonicTime.now.nanoseconds(since: begin))
        return Result(
            model: model,
            embeddings: answer.vectors,
            dimensions: answer.vectors.first?.count ?? 0,
            instance: answer.instance,
            cached: answer.cached?.rawValue,
            hits: answer.hits,
            timings: Result.Timings(total: total.inMilliseconds)
        )
    }
}
