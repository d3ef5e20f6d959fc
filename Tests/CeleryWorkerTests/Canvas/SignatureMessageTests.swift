import CeleryProtocol
import Logging
import Testing

@testable import CeleryWorker

/// Where the message of a signature goes, and what is in it.
struct SignatureMessageTests {
    private let now = Timestamp(microsecondsSince1970: 1_800_000_000_000_000)

    private func celery() -> Celery {
        var configuration = WorkerConfiguration()
        var images = QueueSettings(name: "images")
        images.routes = [GlobPattern("images.*")]
        configuration.catalogue = QueueCatalogue(queues: [QueueSettings(name: "celery"), images])
        let celery = Celery(configuration: configuration, logger: .silent)
        celery.registry.register(RegisteredTask(name: "sum", options: TaskOptions(queue: "sums")) { _ in [] })
        return celery
    }

    private func message(_ signature: Signature, mayRepeat: Bool = false) throws -> SignatureMessage {
        try SignatureMessage(signature, celery: celery(), now: now, mayRepeat: mayRepeat)
    }

    private func route(_ signature: Signature) throws -> String {
        let publication = try message(signature).publication
        return "\(publication.exchange)/\(publication.routingKey)"
    }

    private func decoded(_ signature: Signature, mayRepeat: Bool = false) throws -> BasicProperties {
        let bytes = try message(signature, mayRepeat: mayRepeat).publication.properties
        return try BasicProperties(decoding: bytes, range: 0..<bytes.count)
    }

    @Test func itIsRoutedAsCeleryRoutes() throws {
        #expect(try route(Signature("a")) == "/celery")
        #expect(try route(Signature("images.resize")) == "/images")
        #expect(try route(Signature("images.resize", options: ["queue": "q"])) == "/q")
        #expect(try route(Signature("a", options: ["exchange": "e", "routing_key": "k"])) == "e/k")
        #expect(try route(Signature("a", options: ["exchange": "e"])) == "/celery")
        #expect(try route(Signature("sum")) == "/sums")
        #expect(try route(Signature("celery.map", options: ["route_name": "images.resize"])) == "/images")
        let inner: CeleryMap = ["task": Signature("images.resize").celeryValue, "it": []]
        #expect(try route(Signature("celery.starmap", kwargs: inner)) == "/images")
        #expect(try route(Signature("celery.map", kwargs: ["task": Signature("sum").celeryValue])) == "/sums")
    }

    @Test func longDelaysWaitInTheBroker() throws {
        #expect(try message(Signature("a", options: ["countdown": 60])).delay == .seconds(60))
        #expect(try message(Signature("a", options: ["countdown": 1])).delay == .zero)
        let elsewhere: CeleryMap = ["countdown": 60, "exchange": "e", "routing_key": "k"]
        #expect(try message(Signature("a", options: elsewhere)).delay == .zero)
    }

    @Test func optionsBecomePropertiesAndHeaders() throws {
        let options: CeleryMap = [
            "task_id": "i", "app_id": "app", "message_id": "m", "delivery_mode": 1, "priority": 3,
            "headers": ["h": "x"],
            "compression": "zlib",
        ]
        let properties = try decoded(Signature("sum", options: options), mayRepeat: true)
        #expect(properties.appID == "app" && properties.messageID == "m" && properties.deliveryMode == 1)
        #expect(properties.priority == 3 && properties.correlationID == "i")
        let headers = try #require(properties.headers)
        #expect(headers["h"] == "x" && headers["compression"] == "application/x-gzip")
        #expect(headers[TaskMessage.againHeader] == true)
        #expect(headers["ignore_result"] == false)
        #expect(try decoded(Signature("other")).headers?["ignore_result"] == .null)
        #expect(try decoded(Signature("other")).headers?[TaskMessage.againHeader] == nil)
    }

    @Test func wrongOptionsAreErrors() {
        for options: CeleryMap in [["compression": "rar"], ["serializer": "xml"], ["eta": "tomorrow"]] {
            #expect(throws: (any Error).self) { try message(Signature("a", options: options)) }
        }
    }
}
