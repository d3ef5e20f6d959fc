import CeleryWorker

/// What a queue is for, as its name tells.
enum QueueNaming {
    /// Queues of Celery's and Chard's own machinery: control, events, replies, delays. They are shown only on request.
    static func isInternal(_ name: String) -> Bool {
        isDelay(name) || name.hasSuffix(".celery.pidbox") || name.hasSuffix(".reply.celery.pidbox")
            || name.hasPrefix("celeryev") || name.hasPrefix("amq.gen-") || name.hasPrefix("amq_gen-") || isUUID(name)
    }

    /// Where tasks wait for their time: Chard's powers of two, Celery's native delays.
    static func isDelay(_ name: String) -> Bool {
        name.hasPrefix("chard.delay.") || name.hasPrefix("celery_delayed_")
    }

    static func isDeadLetter(_ name: String) -> Bool { name.hasSuffix(".dead") && name.utf8.count > 5 }

    /// `orders.dead` is of `orders`.
    static func source(ofDeadLetters name: String) -> String { String(name.dropLast(isDeadLetter(name) ? 5 : 0)) }

    /// The queues of `rpc://` results are named by the client's UUID (`celery/backends/rpc.py`).
    private static func isUUID(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}
