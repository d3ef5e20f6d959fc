import Testing

@testable import CeleryWorker

/// Defaults of the queue ← task's type ← time limits of the queue ← `tasks:` of queues.yaml.
struct TaskRulesTests {
    private var queue: QueueSettings {
        var queue = QueueSettings(name: "q")
        queue.delivery = .atMostOnce
        queue.maxDeliveries = 3
        queue.softTimeLimit = .seconds(1)
        queue.timeLimit = .seconds(2)
        queue.retry.maxRetries = 9
        queue.retry.backoff = [.seconds(4)]
        queue.retry.jitter = false
        return queue
    }

    private let options = TaskOptions(
        delivery: .atLeastOnce,
        softTimeLimit: .seconds(10),
        hardTimeLimit: .seconds(20),
        retry: .always(2, backoff: .constant(.seconds(5))),
        ignoreResult: true,
        blocks: true
    )

    @Test func theQueueIsTheGround() {
        let rules = TaskRules(queue: queue, task: TaskOptions(), settings: nil)
        #expect(rules.delivery == .atMostOnce)
        #expect(rules.maxDeliveries == 3)
        #expect(rules.softTimeLimit == .seconds(1))
        #expect(rules.hardTimeLimit == .seconds(2))
        #expect(rules.retry.maxRetries == 9)
        #expect(rules.retry.backoff == .constant(.seconds(4)))
        #expect(!rules.retry.retries(CancellationError()))
        #expect(!rules.ignoreResult)
        #expect(!rules.blocks)
    }

    @Test func theTaskStandsAboveItsQueue() {
        let rules = TaskRules(queue: queue, task: options, settings: nil)
        #expect(rules.delivery == .atLeastOnce)
        #expect(rules.maxDeliveries == 3)
        #expect(rules.retry.maxRetries == 2)
        #expect(rules.retry.backoff == .constant(.seconds(5)))
        #expect(rules.retry.retries(CancellationError()))
        #expect(rules.ignoreResult)
        #expect(rules.blocks)
    }

    @Test func theTimeLimitsOfAQueueStandAboveTheTask() {
        let rules = TaskRules(queue: queue, task: options, settings: nil)
        #expect(rules.softTimeLimit == .seconds(1))
        #expect(rules.hardTimeLimit == .seconds(2))
        let unlimited = TaskRules(queue: QueueSettings(name: "q"), task: options, settings: nil)
        #expect(unlimited.softTimeLimit == .seconds(10))
        #expect(unlimited.hardTimeLimit == .seconds(20))
    }

    @Test func theSettingsStandAboveTheTask() {
        var settings = TaskSettings("t")
        settings.delivery = .atMostOnce
        settings.maxDeliveries = 8
        settings.softTimeLimit = .off
        settings.timeLimit = .on(.seconds(30))
        settings.retry.maxRetries = .off
        settings.retry.backoff = [.seconds(6)]
        settings.retry.jitter = true
        settings.ignoreResult = false
        settings.blocking = false
        let rules = TaskRules(queue: queue, task: options, settings: settings)
        #expect(rules.delivery == .atMostOnce)
        #expect(rules.maxDeliveries == 8)
        #expect(rules.softTimeLimit == nil)
        #expect(rules.hardTimeLimit == .seconds(30))
        #expect(rules.retry.maxRetries == nil)
        #expect(rules.retry.backoff == .constant(.seconds(6), jitter: true))
        #expect(rules.retry.retries(CancellationError()))
        #expect(!rules.ignoreResult)
        #expect(!rules.blocks)
    }
}
