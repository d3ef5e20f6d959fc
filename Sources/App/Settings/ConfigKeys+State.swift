import CeleryWorker

extension ConfigKeys {
    enum State {
        static let url = ConfigKey("url", "The Redis of the shared state; default: that of the results.")
        static let sessionTTL = ConfigKey(
            "session_ttl",
            "How long a session lives after its last change; none: for ever; default 1d."
        )
        static let compressAbove = ConfigKey(
            "compress_above",
            "Sessions and agents' states of more bytes than this are compressed; default 1024."
        )
        static let all = [url, sessionTTL, compressAbove]
    }
}
