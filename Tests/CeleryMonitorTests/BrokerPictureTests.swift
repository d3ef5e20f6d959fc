import Connections
import Foundation
import Testing

@testable import CeleryMonitor

/// What versions of RabbitMQ say of a queue, each in its own way.
@Suite struct BrokerPictureTests {
    static func picture(_ json: String) throws -> QueuePicture {
        QueuePicture(try JSONDecoder().decode(RabbitMQManagement.Queue.self, from: Data(json.utf8)))
    }

    @Test func aMirroredQueueOf310() throws {
        let queue = try Self.picture(
            """
            {"name": "q", "type": "classic", "durable": true, "auto_delete": false, "arguments": {}, "messages": 5,
             "messages_ready": 3, "messages_unacknowledged": 2, "consumers": 1, "node": "r@1", "state": "running",
             "slave_nodes": ["r@2", "r@3"], "synchronised_slave_nodes": ["r@2"], "head_message_timestamp": 1700000000,
             "message_stats": {"publish": 9, "publish_details": {"rate": 1.5}, "deliver_get_details": {"rate": 2}}}
            """
        )
        #expect(
            queue.leader == "r@1" && queue.members == ["r@1", "r@2", "r@3"] && queue.synchronized == ["r@1", "r@2"]
        )
        #expect(queue.ready == 3 && queue.unacknowledged == 2 && queue.oldest == 1_700_000_000)
        #expect(queue.published == 1.5 && queue.delivered == 2 && queue.acknowledged == 0)
    }

    @Test func aQuorumQueueOf4() throws {
        let queue = try Self.picture(
            """
            {"name": "q", "type": "quorum", "leader": "r@2", "node": "r@2", "members": ["r@1", "r@2"],
             "online": ["r@2"], "messages": 7, "arguments": {"x-queue-type": "quorum"},
             "effective_policy_definition": {"delivery-limit": 9}, "head_message_timestamp": null}
            """
        )
        #expect(queue.leader == "r@2" && queue.members.count == 2 && queue.synchronized == ["r@2"])
        #expect(queue.ready == 7 && queue.deliveryLimit(brokerVersion: nil) == 9)
    }

    @Test func aQueueThatWasJustMadeAndStrangeForms() throws {
        let new = try Self.picture(#"{"name": "q", "arguments": []}"#)
        #expect(new.type == "classic" && new.ready == 0 && new.members.isEmpty && new.oldest == nil)
        let strange = try Self.picture(
            #"{"name": "q", "message_stats": "none", "members": "r@1", "message_bytes": "many", "slave_nodes": {}}"#
        )
        #expect(strange.bytes == nil && strange.published == 0 && strange.members.isEmpty)
    }

    @Test(arguments: [
        ("w@a.celery.pidbox", true), ("celeryev.1234", true), ("chard.delay.12", true), ("celery_delayed_27", true),
        ("3f2b8c1a-0000-4000-8000-1234567890ab", true), ("amq.gen-abc", true), ("orders", false),
        ("orders.dead", false), ("celery", false),
    ]) func internalQueuesAreKnownByTheirNames(_ name: String, _ isInternal: Bool) {
        #expect(QueueNaming.isInternal(name) == isInternal)
    }

    @Test func deadLettersMayLieUnderAnyName() throws {
        let source = try Self.picture(
            #"{"name": "q", "arguments": {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "graves"}}"#
        )
        #expect(source.deadLetterTarget == "graves")
        let other = try Self.picture(#"{"name": "q", "arguments": {"x-dead-letter-exchange": "dlx"}}"#)
        #expect(other.deadLetterTarget == nil)
        #expect(QueueNaming.source(ofDeadLetters: "a.dead") == "a" && !QueueNaming.isDeadLetter(".dead"))
    }

    @Test(
        arguments: [
            ("* * * * *", "every minute"), ("*/5 * * * *", "every 5 minutes"), ("0 * * * *", "every hour"),
            ("7 * * * *", "every hour at minute 7"), ("0 */2 * * *", "every 2 hours"),
            ("30 4 * * *", "every day at 04:30"),
            ("0 4 * * mon", "every Monday at 04:00"), ("0 4 * * 1-5", "every day from Monday to Friday at 04:00"),
            ("0 4 * * sat,0", "every Saturday, Sunday at 04:00"), ("0 4 1 * *", "on day 1 of every month at 04:00"),
            ("0 4 13 * fri", nil), ("0 4 * 2 *", nil), ("1,2 4 * * *", nil),
        ] as [(String, String?)]
    ) func crontabsAreSaidInWords(_ crontab: String, _ words: String?) {
        #expect(ScheduleWords.crontabText(crontab) == words)
    }
}
