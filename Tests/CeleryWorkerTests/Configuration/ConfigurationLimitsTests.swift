import Testing

@testable import CeleryWorker

/// Settings of revocation, rate limits, delays and the rpc backend.
struct ConfigurationLimitsTests {
    @Test func defaults() throws {
        let settings = try configuration(nil)
        #expect(settings.worker.revokesMax == 50_000)
        #expect(settings.worker.revokeExpires == .seconds(10_800))
        #expect(settings.worker.nativeDelayedDelivery == .auto)
        #expect(!settings.resultBackend.isRPC)
        #expect(settings.catalogue.defaultQueue.exchangeType == .direct)
    }

    @Test func values() throws {
        let settings = try configuration(
            """
            result_backend: {url: "rpc://", persistent: true}
            worker: {revokes_max: 10, revoke_expires: 7d, native_delayed_delivery: true}
            queues: {q: {exchange_type: topic}}
            tasks: {t: {rate_limit: 10/s, rate_limit_scope: cluster}}
            """
        )
        #expect(settings.resultBackend.isRPC)
        #expect(settings.resultBackend.isPersistent)
        #expect(settings.resultBackend.url == nil)
        #expect(settings.worker.revokesMax == 10)
        #expect(settings.worker.revokeExpires == .seconds(7 * 86_400))
        #expect(settings.worker.nativeDelayedDelivery == .on)
        #expect(settings.catalogue["q"]?.exchangeType == .topic)
        #expect(settings.catalogue.settings(forTask: "t")?.rateLimitScope == .cluster)
    }

    @Test func celeryVariables() throws {
        let settings = try configuration(
            nil,
            environment: [
                "CELERY_WORKER_REVOKES_MAX": "7", "CELERY_WORKER_REVOKE_EXPIRES": "60",
                "CELERY_RESULT_BACKEND": "rpc://",
            ]
        )
        #expect(settings.worker.revokesMax == 7)
        #expect(settings.worker.revokeExpires == .seconds(60))
        #expect(settings.resultBackend.isRPC)
    }

    @Test(
        arguments: [
            "worker: {native_delayed_delivery: perhaps}", "worker: {revokes_max: 0}", "worker: {revoke_expires: 0}",
            "tasks: {t: {rate_limit_scope: world}}", "queues: {q: {exchange_type: headers}}",
            "tasks: {t: {rate_limit: often}}",
        ]
    )
    func problemsAreTold(yaml: String) { #expect(problems(yaml).count == 1) }

    @Test(arguments: [("10/s", 100_000_000), ("60/m", 1_000_000_000), ("0.5", 2_000_000_000), ("1e-30", 9e18)])
    func theIntervalOfARate(text: String, nanoseconds: Double) throws {
        #expect(try Double(#require(RateLimit(text)).interval) == nanoseconds)
    }
}
