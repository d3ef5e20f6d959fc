import CeleryProtocol
import Connections
import OrderedCollections

/// The message that a signature's application sends, and where it goes (`send_task` of `celery/app/base.py`,
/// `send_task_message` of `celery/app/amqp.py`).
struct SignatureMessage {
    var publication: TaskPublication
    /// How long it is to wait in the broker.
    var delay = Duration.zero

    /// - Parameter mayRepeat: Whether the same message may have been sent before.
    /// - Throws: what is wrong with the options: an unknown serializer or compression, a time that is no date, a value
    ///   that the serializer cannot write.
    init(
        _ signature: Signature,
        celery: Celery,
        now: Timestamp,
        mayRepeat: Bool,
        builtinsQueue: String? = nil
    ) throws {
        let id = Self.text(signature.options["task_id"]) ?? TaskID.make()
        var draft = try TaskMessage.Draft(signature, id: id, origin: celery.origin, now: now)
        if mayRepeat { draft.headers[TaskMessage.againHeader] = true }
        let own = celery.registry[signature.task]?.options
        if draft.ignoreResult == nil, let own { draft.ignoreResult = own.ignoreResult ?? false }
        if draft.replyTo.isEmpty { draft.replyTo = celery.replyTo }
        try Self.set(signature.options, on: &draft)
        let (exchange, key) = Self.route(signature, own, celery, builtinsQueue, fallbackAgent: draft.rootID ?? id)
        publication = try draft.publication(exchange: exchange, routingKey: key, now: now)
        // A detour ends at the default exchange; what goes elsewhere waits where it arrives.
        guard exchange.isEmpty, let eta = draft.eta else { return }
        let wait = Duration.microseconds(eta.microsecondsSince1970 - now.microsecondsSince1970)
        if wait > Celery.holdLimit { delay = wait }
    }

    /// An exchange with a routing key, a queue, or what the routes say about the task.
    private static func route(
        _ signature: Signature,
        _ own: TaskOptions?,
        _ celery: Celery,
        _ builtinsQueue: String?,
        fallbackAgent: String
    ) -> (exchange: String, routingKey: String) {
        let options = signature.options
        if let exchange = text(options["exchange"]), let key = text(options["routing_key"]) { return (exchange, key) }
        let task = text(options["route_name"]) ?? innerTask(signature) ?? signature.task
        let inner = task == signature.task ? nil : celery.registry[task]?.options.queue
        let catalogue = celery.configuration.catalogue
        let queue = text(options["queue"]) ?? own?.queue ?? inner
        if let partitions = catalogue.partitions,
            queue == partitions.exchange || queue == nil && catalogue.isPartitioned(task)
        {
            let key = partitions.agentKey
            // What follows in a workflow may know no agent, and nobody is there to be told of an error.
            let agent = AgentID.text(options["headers"]?[key]) ?? AgentID.text(signature.kwargs[key]) ?? fallbackAgent
            return ("", partitions.name(partitions.partition(of: agent)))
        }
        if let queue { return ("", queue) }
        if let builtinsQueue, task.hasPrefix("celery."), catalogue.route(forTask: task) == nil {
            return ("", builtinsQueue)
        }
        return ("", catalogue.queue(forTask: task).name)
    }

    /// The task that a map runs, which decides where the map goes.
    private static func innerTask(_ signature: Signature) -> String? {
        guard ["celery.map", "celery.starmap", "celery.chunks"].contains(signature.task) else { return nil }
        return text(signature.kwargs["task"]?["task"]) ?? text(signature.kwargs["task"])
    }

    /// What the draft does not know of: compression, the delivery mode, and AMQP's own properties.
    private static func set(_ options: CeleryMap, on draft: inout TaskMessage.Draft) throws {
        if let name = text(options["compression"]) {
            guard let format = CompressionFormat(name: name) else {
                throw ExceptionRecord.valueError(
                    "sending \(draft.task): there is no compression \(name); use zlib, bzip2, lzma or zstd"
                )
            }
            draft.compression = (
                format, { try Compression.compress(Compression.Format(named: format.headerValue), $0[...]) }
            )
        }
        if let mode = options["delivery_mode"] {
            draft.deliveryMode = mode == 1 || mode == "transient" ? 1 : 2
        }
        draft.properties.correlationID = text(options["correlation_id"])
        draft.properties.messageID = text(options["message_id"])
        draft.properties.appID = text(options["app_id"])
        draft.properties.userID = text(options["user_id"])
        draft.properties.clusterID = text(options["cluster_id"])
        draft.properties.type = text(options["type"])
        if let time = options["timestamp"]?.intValue, time >= 0 { draft.properties.timestamp = UInt64(time) }
    }

    private static func text(_ value: CeleryValue?) -> String? {
        guard let text = value?.stringValue, !text.isEmpty else { return nil }
        return text
    }
}
