import CeleryProtocol
import Connections

/// Sends the message of one run, as Celery's beat does (`celery/beat.py`, `apply_async`): an ordinary task message with
/// the header `celery_beat_task`.
struct BeatSender: Sendable {
    let celery: Celery
    /// Makes ids differ between schedulers.
    let prefix: String

    /// Header by which workers know to look for a duplicate before they run the task.
    static let againHeader = "x-chard-again"

    /// Publishes the run; returns when the broker has confirmed it.
    ///
    /// - Parameter isAgain: The message may have been sent before.
    func send(_ entry: BeatEntry, at time: Timestamp, isAgain: Bool) async throws -> String {
        let id = id(of: entry.name, at: time)
        if isAgain, await hasArrived(id) { return id }
        var options = entry.options
        options.id = id
        options.headers["celery_beat_task"] = true
        if isAgain { options.headers[Self.againHeader] = true }
        options.confirmTimeout = min(celery.configuration.broker.publishTimeout, .seconds(10))
        try await celery.send(entry.task, args: entry.args, kwargs: entry.kwargs, options)
        return id
    }

    /// A worker has stored something for it.
    private func hasArrived(_ id: String) async -> Bool {
        guard let results = celery.results else { return false }
        return (try? await results.meta(of: id)) != nil
    }

    /// The same for the same run, whoever sends it: a UUID of version 5 (RFC 9562) in shape.
    func id(of entry: String, at time: Timestamp) -> String {
        var digits = Array(SHA1.hex(of: Array("\(prefix)\n\(entry)\n\(time.microsecondsSince1970)".utf8)).prefix(32))
        digits[12] = "5"
        digits[16] = Array("89ab")[(digits[16].hexDigitValue ?? 0) & 3]
        var id = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { id.append("-") }
            id.append(digit)
        }
        return id
    }
}
