import Connections
import Testing

@testable import CeleryWorker

/// The names, keys and arguments of kombu's levels (`kombu/transport/native_delayed_delivery.py`): what another worker
/// declares must be the same to the byte.
struct NativeDelayedDeliveryTests {
    @Test func keysSkipTheDigitsOfHigherLevels() {
        #expect(NativeDelayedDelivery.key(27, "1.#") == "1.#")
        #expect(NativeDelayedDelivery.key(26, "0.#") == "*.0.#")
        #expect(NativeDelayedDelivery.key(0, "1.#").split(separator: ".").count == 29)
    }

    @Test func argumentsOfAQueue() {
        let highest = NativeDelayedDelivery.arguments(27)
        #expect(highest["x-message-ttl"] == .long(134_217_728_000))
        #expect(highest["x-dead-letter-exchange"] == .string("celery_delayed_26"))
        let lowest = NativeDelayedDelivery.arguments(0)
        #expect(lowest["x-message-ttl"] == .long(1000))
        #expect(lowest["x-dead-letter-exchange"] == .string("celery_delayed_delivery"))
        #expect(lowest.count == 5)
    }
}
