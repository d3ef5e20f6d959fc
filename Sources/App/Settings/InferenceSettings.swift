import CeleryWorker
import Connections
import Inference

/// `inference:` in queues.yaml: the model servers, and how they are used.
struct InferenceSettings: SettingsSection {
    static let key = ConfigKey("inference", "The model servers, and how they are used.", isScalar: false)
    static let known: [ConfigKey]? = ConfigKeys.Inference.all

    var service = InferenceConfiguration()
    /// What embeds documents and searches when a task names no model; nil: tasks must name one.
    var embeddingModel: String?
    /// The shortest time between two PROGRESS states of one task, so that tokens do not flood Redis. Default 100 ms.
    var progressInterval = Duration.milliseconds(100)

    init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Inference.self
        service.instances = Self.instances(reader)
        service.models = reader.values(keys.models)?.map(\.text).filter { !$0.isEmpty } ?? []
        embeddingModel = reader.text(keys.embeddingModel)?.text
        let silence = reader.duration(keys.timeout, in: .milliseconds(50) ... .seconds(600))
        service.limits.silence = silence ?? service.limits.silence
        let total = reader.duration(keys.totalTimeout, in: .milliseconds(100) ... .seconds(86_400))
        service.limits.total = total ?? service.limits.total
        service.maxPrompt = reader.size(keys.maxPrompt, in: 1...67_108_864) ?? service.maxPrompt
        service.maxTexts = reader.integer(keys.maxTexts, in: 1...100_000) ?? service.maxTexts
        let health = reader.duration(keys.healthInterval, in: .milliseconds(50) ... .seconds(3600))
        service.healthInterval = health ?? service.healthInterval
        let interval = reader.duration(keys.progressInterval, in: .milliseconds(10) ... .seconds(60))
        progressInterval = interval ?? progressInterval
        service.keyPrefix = reader.text(keys.keyPrefix)?.text ?? service.keyPrefix
        service.breaker.read(reader.section(keys.breaker, known: ConfigKeys.InferenceBreaker.all))
        service.cache.read(reader.section(keys.cache, known: ConfigKeys.InferenceCache.all))
        service.batch.read(reader.section(keys.batch, known: ConfigKeys.InferenceBatch.all))
    }

    private static func instances(_ reader: SettingsReader) -> [ModelInstance] {
        let key = ConfigKeys.Inference.instances
        let found = (reader.items(key, known: ConfigKeys.InferenceInstance.all) ?? []).compactMap { item in
            switch item {
            case .value(let value): address(value, reader, key).map { ModelInstance(address: $0) }
            case .section(let section): instance(section)
            }
        }
        for (number, instance) in found.enumerated()
        where found[..<number].contains(where: { $0.address == instance.address }) {
            reader.problem("names \(instance.address) twice", key)
        }
        return found
    }

    private static func instance(_ reader: SettingsReader) -> ModelInstance? {
        let keys = ConfigKeys.InferenceInstance.self
        guard let url = reader.text(keys.url) else {
            if !reader.has(keys.url) { reader.problem("is missing", keys.url) }
            return nil
        }
        return address(url, reader, keys.url).map {
            ModelInstance(
                address: $0,
                api: reader.choice(keys.api, of: ModelInstance.API.self) ?? .ollama,
                key: reader.text(keys.key)?.text
            )
        }
    }

    /// An address as it is shown and joined with paths; its text may reach logs, so it must hold no password.
    private static func address(_ value: SettingsReader.Value, _ reader: SettingsReader, _ key: ConfigKey) -> String? {
        var text = value.text
        while text.hasSuffix("/") { text.removeLast() }
        let host = text.split(separator: "://", maxSplits: 1).dropFirst().first
        guard text.hasPrefix("http://") || text.hasPrefix("https://"), let host, !host.isEmpty else {
            reader.problem("must be a URL such as http://localhost:11434", key, at: value)
            return nil
        }
        guard !host.contains("@"), !host.contains("?"), !host.contains(where: \.isWhitespace) else {
            reader.problem(
                "must be a URL without user, password, query and spaces; give a key as api_key",
                key,
                at: value
            )
            return nil
        }
        return text
    }
}

extension BreakerSettings {
    fileprivate mutating func read(_ reader: SettingsReader) {
        let keys = ConfigKeys.InferenceBreaker.self
        window = reader.duration(keys.window, in: .milliseconds(100) ... .seconds(3600)) ?? window
        errorRate = reader.number(keys.errorRate, in: 0.01...1) ?? errorRate
        minimumCalls = reader.integer(keys.minimumCalls, in: 1...1_000_000) ?? minimumCalls
        openFor = reader.duration(keys.openFor, in: .milliseconds(50) ... .seconds(86_400)) ?? openFor
    }
}

extension CacheSettings {
    fileprivate mutating func read(_ reader: SettingsReader) {
        let keys = ConfigKeys.InferenceCache.self
        isOn = reader.flag(keys.enabled) ?? isOn
        localTTL = reader.duration(keys.localTTL, in: .milliseconds(1) ... .seconds(86_400)) ?? localTTL
        localBytes = reader.size(keys.localSize, in: 0...68_719_476_736) ?? localBytes
        redisTTL = reader.duration(keys.redisTTL, in: .milliseconds(1) ... .seconds(31_536_000)) ?? redisTTL
        maxEntry = reader.size(keys.maxEntry, in: 1...67_108_864) ?? maxEntry
    }
}

extension BatchSettings {
    fileprivate mutating func read(_ reader: SettingsReader) {
        let keys = ConfigKeys.InferenceBatch.self
        maxTexts = reader.integer(keys.maxTexts, in: 1...10_000) ?? maxTexts
        maxDelay = reader.duration(keys.maxDelay, in: .zero ... .seconds(10)) ?? maxDelay
    }
}
