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

    /// Thrown by a check that could measure, but does not like what it found.
    struct Unhealthy: Error {
        var reason: String
        var measured: CeleryValue
    }
}
