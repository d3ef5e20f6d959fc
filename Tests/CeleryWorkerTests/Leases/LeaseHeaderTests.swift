import CeleryProtocol
import Testing

@testable import CeleryWorker

/// What a message carries that was enqueued because of a lease, and how Redis keeps a message.
struct LeaseHeaderTests {
    @Test func roundTrip() {
        let header = LeaseHeader(fence: 12, starts: 3)
        #expect(header.text == "12/3" && LeaseHeader(header.text) == header)
    }

    @Test(arguments: ["", "1", "/", "1/", "/1", "1/2/3", "-1/2", "1/-2", "a/b", "99999999999999999999/1"])
    func whatIsNoHeader(_ text: String) { #expect(LeaseHeader(text) == nil) }

    @Test func aMessageIsMarkedAndMadeDurable() throws {
        var properties = BasicProperties()
        properties.headers = ["id": "x", LeaseHeader.name: "1/1"]
        properties.deliveryMode = 1
        let message = LeaseStore.Message(properties: try properties.encoded(), body: [1, 2])
        let publication = try message.publication(queue: "q", LeaseHeader(fence: 7, starts: 2))
        let published = try BasicProperties(decoding: publication.properties)
        #expect(publication.routingKey == "q" && publication.exchange.isEmpty && publication.body == [1, 2])
        #expect(published.headers?[LeaseHeader.name] == "7/2" && published.headers?["id"] == "x")
        #expect(published.headers?[TaskMessage.againHeader] == true && published.deliveryMode == 2)
    }

    @Test func entriesOfAnIndex() {
        for (id, retries) in [("a", 0), ("a.b", 12), ("", 1), ("chord.1.2", 3)] {
            let entry = LeaseStore.Entry(taskID: id, retries: retries, fence: 7)
            #expect(LeaseStore.Entry(entry.text) == entry)
        }
        #expect(
            LeaseStore.Entry("nothing") == nil && LeaseStore.Entry("a.1") == nil && LeaseStore.Entry("a.b.1") == nil
        )
    }

    @Test func keysThatMustBeInOneSlot() {
        // Redis Cluster hashes what stands in the first braces.
        #expect(LeaseStore.key("celery-task-meta-x", 2) == "chard-lease-{celery-task-meta-x}.2")
    }

    @Test func whichTasksHaveLeases() {
        let queue = QueueSettings(name: "q")
        func rules(_ options: TaskOptions, _ change: (inout TaskSettings) -> Void = { _ in }) -> TaskRules {
            var settings = TaskSettings("x")
            change(&settings)
            return TaskRules(queue: queue, task: options, settings: settings)
        }
        #expect(!rules(TaskOptions()).isLeased)
        #expect(rules(TaskOptions(leased: true)).isLeased)
        #expect(rules(TaskOptions()) { $0.leased = true }.isLeased)
        #expect(!rules(TaskOptions(leased: true)) { $0.leased = false }.isLeased)
        #expect(!rules(TaskOptions(pool: .processes, leased: true)).isLeased)
        #expect(rules(TaskOptions(delivery: .atMostOnce, leased: true)).delivery == .atLeastOnce)
        var partition = queue
        partition.partition = QueueSettings.Partition(exchange: "ai.tasks", number: 0)
        #expect(!TaskRules(queue: partition, task: TaskOptions(leased: true), settings: nil).isLeased)
    }
}
