import Connections

/// Which model servers there are, and how they are used.
package struct InferenceConfiguration: Sendable {
    package var instances: [ModelInstance] = []
    /// The models that may be used; empty: whatever the instances have. A name without a tag means `:latest`.
    package var models: [String] = []
    package var limits = ModelServerLimits()
    /// The largest prompt or conversation, and the largest text to embed, in bytes of UTF-8. Default 256 KiB.
    package var maxPrompt = 262_144
    /// The most texts that one task may have embedded. Default 2,048.
    package var maxTexts = 2_048
    /// How often each instance is asked for its models, which is its health check. Default 5 s.
    package var healthInterval: Duration = .seconds(5)
    package var breaker = BreakerSettings()
    package var cache = CacheSettings()
    package var batch = BatchSettings()
    /// Before every Redis key, and the name of the channel that announces breakers. Default `chard:inference:`.
    package var keyPrefix = "chard:inference:"

    package init() {}
}
