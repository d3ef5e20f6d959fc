import CeleryWorker

/// The outcome of one check.
struct HealthProbe: Codable, Sendable {
    var ok: Bool
    /// How long the check took.
    var latencyMilliseconds: Double
    /// What is wrong, when it is not ok.
    var error: String?
    /// The numbers behind it, by name.
    var measured: CeleryValue

    private enum CodingKeys: String, CodingKey {
        case ok
        case latencyMilliseconds = "latency_ms"
        case error
        case measured
    }

    /// Runs a check; an error that it throws means that it is not ok, an ``Unhealthy`` keeps the numbers.
    static func measure(_ check: () async throws -> CeleryValue) async -> HealthProbe {
        let clock = ContinuousClock()
        let start = clock.now
        var error: String?
        var measured: CeleryValue = [:]
        do {
            measured = try await check()
        } catch let unhealthy as Unhealthy {
            error = unhealthy.reason
            measured = unhealthy.measured
        } catch let failure {
            error = "\(failure)"
        }
        let milliseconds = (clock.now - start) / .milliseconds(1)
        return HealthProbe(
            ok: error == nil,
            latencyMilliseconds: (milliseconds * 1000).rounded() / 1000,
            error: error,
            measured: measured
        )
    }

    /// Runs a check that may hang: after `limit` it is not ok, and is left alone, cancelled.
    static func measure(
        within limit: Duration,
        _ check: @escaping @Sendable () async throws -> CeleryValue
    ) async -> HealthProbe {
        let (outcomes, continuation) = AsyncStream.makeStream(
            of: HealthProbe.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        let work = Task { continuation.yield(await measure(check)) }
        let alarm = Task {
            let late = await measure {
                try await Task.sleep(for: limit)
                throw Unhealthy(reason: "no answer within \(limit / .seconds(1)) s", measured: [:])
            }
            continuation.yield(late)
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        for await first in outcomes { return first }
        return await measure { throw Unhealthy(reason: "the check was cancelled", measured: [:]) }
    }

    /// Thrown by a check that could measure, but does not like what it found.
    struct Unhealthy: Error {
        var reason: String
        var measured: CeleryValue
    }
}
