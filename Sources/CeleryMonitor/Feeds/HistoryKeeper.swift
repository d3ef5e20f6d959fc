import Logging

/// Keeps the history within its limits, a small step at a time, so that events need not wait long.
struct HistoryKeeper: Sendable {
    let history: History
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            var hasMore = false
            do {
                if history.isWriter { hasMore = try await history.prune() }
            } catch {
                logger.debug("keeping the history small: \(error)")
            }
            try? await Task.sleep(for: hasMore ? .milliseconds(50) : .seconds(5))
        }
    }
}
