import Logging

/// Work in the background that is to go on as long as the monitor runs: a feed, a watch.
struct MonitorPart: Sendable {
    /// As the log says it: `events`, `broker`, `alerts`.
    let name: String
    /// Ends only when its task is cancelled, or by throwing.
    let run: @Sendable () async throws -> Void

    /// Runs it again whenever it ends, and says so: no part is ever dead in silence.
    func keepRunning(_ logger: Logger) async {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            do {
                try await run()
                if Task.isCancelled { return }
                logger.error("monitor: \(name): ended by itself; it begins again in \(pause)")
            } catch {
                if Task.isCancelled { return }
                logger.error("monitor: \(name): \(error); it begins again in \(pause)")
            }
            if ContinuousClock.now - begin > .seconds(60) { pause = .seconds(1) }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            pause = min(pause * 2, .seconds(30))
        }
    }
}
