/// How shared state is stored.
package struct StateOptions: Sendable {
    /// How long a session lives after its last change or touch; nil for ever. Default one day.
    package var sessionTTL: Duration? = .seconds(86_400)
    /// Sessions and agents' states of more bytes are compressed (zstd). Default 1,024.
    package var compressAbove = 1_024
    /// The most bytes of a session or of an agent's state, uncompressed. Default 16 MiB.
    package var maxDocumentBytes = 16 << 20
    /// The most bytes of a model's weights; Redis itself takes no more than 512 MB. Default 256 MiB.
    package var maxModelBytes = 256 << 20
    /// How long counts are gathered in the process before they go to Redis. Default 1 s.
    package var metricsInterval: Duration = .seconds(1)
    /// How often an update begins anew because somebody else was faster. Default 100.
    package var maxUpdateAttempts = 100
    /// How long one call may take in all. Default 10 s.
    package var timeout: Duration = .seconds(10)

    package init() {}
}
