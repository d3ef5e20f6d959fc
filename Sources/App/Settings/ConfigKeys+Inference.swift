import CeleryWorker

extension ConfigKeys {
    enum Inference {
        static let instances = ConfigKey(
            "instances",
            "Model servers: addresses such as http://host:11434 (Ollama), or maps with url, api and api_key."
        )
        static let models = ConfigKey("models", "Models that may be used; default: whatever the instances have.")
        static let embeddingModel = ConfigKey(
            "embedding_model",
            "What embeds documents and searches of tasks that name no model; default none."
        )
        static let timeout = ConfigKey(
            "timeout",
            "Duration for which an instance may be silent, 50 ms to 10 min, default 5."
        )
        static let totalTimeout = ConfigKey("total_timeout", "Duration of one call in all, 100 ms to 1 d, default 5m.")
        static let maxPrompt = ConfigKey(
            "max_prompt",
            "Size of the largest prompt or text, 1 B to 64 MiB, default 256KiB."
        )
        static let maxTexts = ConfigKey("max_texts", "Most texts that a task may embed, 1 to 100000, default 2048.")
        static let healthInterval = ConfigKey(
            "health_interval",
            "Duration between two checks of an instance, 50 ms to 1 h, default 5."
        )
        static let progressInterval = ConfigKey(
            "progress_interval",
            "Shortest time between two PROGRESS states of a task, 10 ms to 1 min, default 100ms."
        )
        static let keyPrefix = ConfigKey("key_prefix", "Text before the Redis keys; default chard:inference:.")
        static let breaker = ConfigKey("breaker", "When an instance is given up for a while.", isScalar: false)
        static let cache = ConfigKey("cache", "How long answers are kept.", isScalar: false)
        static let batch = ConfigKey("batch", "How embeddings are sent together.", isScalar: false)
        static let all = [
            instances, models, embeddingModel, timeout, totalTimeout, maxPrompt, maxTexts, healthInterval,
            progressInterval, keyPrefix,
            breaker, cache, batch,
        ]
    }

    enum InferenceInstance {
        static let url = ConfigKey("url", "Its address, for openai with the version: http://host:8000/v1.")
        static let api = ConfigKey("api", "ollama (default) or openai.")
        static let key = ConfigKey("api_key", "Sent as `Authorization: Bearer …`.")
        static let all = [url, api, key]
    }

    enum InferenceBreaker {
        static let window = ConfigKey("window", "Duration whose calls count, 100 ms to 1 h, default 1m.")
        static let errorRate = ConfigKey("error_rate", "Share of failed calls that opens it, 0.01 to 1, default 0.5.")
        static let minimumCalls = ConfigKey("min_calls", "Fewer calls never open it, 1 to 1000000, default 10.")
        static let openFor = ConfigKey("open_for", "Duration until one call tries again, 50 ms to 1 d, default 30.")
        static let all = [window, errorRate, minimumCalls, openFor]
    }

    enum InferenceCache {
        static let enabled = ConfigKey("enabled", "Whether answers are kept; default true.")
        static let localTTL = ConfigKey("local_ttl", "Duration in the worker's memory, 1 ms to 1 d, default 5m.")
        static let localSize = ConfigKey("local_size", "Size of that memory, 0 B to 64 GiB, default 64MiB.")
        static let redisTTL = ConfigKey("redis_ttl", "Duration in Redis, 1 ms to 365 d, default 1h.")
        static let maxEntry = ConfigKey("max_entry", "Size of the largest answer kept, 1 B to 64 MiB, default 1MiB.")
        static let all = [enabled, localTTL, localSize, redisTTL, maxEntry]
    }

    enum InferenceBatch {
        static let maxTexts = ConfigKey("max_texts", "Most texts in one call, 1 to 10000, default 64.")
        static let maxDelay = ConfigKey("max_delay", "Longest wait for others, 0 s to 10 s, default 5ms.")
        static let all = [maxTexts, maxDelay]
    }
}
