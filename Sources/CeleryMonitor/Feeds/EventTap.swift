import CeleryProtocol

/// Sees every event as it comes, before it is on disk: the metrics, and those who read the event stream.
///
/// Called from the event feed, one batch at a time and in order, so it must not wait: it takes what it needs and
/// returns. The fields are as the workers sent them, hostile and not redacted.
protocol EventTap: Sendable {
    func observe(_ events: [CeleryMap])
}
