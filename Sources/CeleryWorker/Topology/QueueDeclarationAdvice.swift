import Connections

/// What Celery clients must set so that their declaration of a queue matches the queue that is there.
///
/// Celery declares the queue it publishes to, by default durable, classic and without arguments; a difference closes
/// its channel with 406 (`celery/app/amqp.py` Queues, `kombu/entity.py` Queue.queue_declare).
package enum QueueDeclarationAdvice {
    /// One line for each thing to set; empty when a plain client is right.
    package static func lines(for queue: RabbitMQManagement.Queue) -> [String] {
        var lines: [String] = []
        if queue.autoDelete { lines.append("Queue('\(queue.name)', …, auto_delete=True)") }
        if !queue.durable { lines.append("Queue('\(queue.name)', …, durable=False)") }
        for (key, value) in queue.declaredArguments.sorted(by: { $0.key < $1.key }) {
            lines.append(line(key, value, queue: queue.name))
        }
        return lines
    }

    private static func line(_ key: String, _ value: JSONValue, queue: String) -> String {
        switch (key, value) {
        case ("x-queue-type", .string(let type)): "task_default_queue_type = '\(type)'"
        case ("x-max-priority", .integer(let most)): "task_queue_max_priority = \(most)"
        case ("x-message-ttl", .integer(let milliseconds)):
            "Queue('\(queue)', …, message_ttl=\(Double(milliseconds) / 1000))"
        case ("x-expires", .integer(let milliseconds)): "Queue('\(queue)', …, expires=\(Double(milliseconds) / 1000))"
        case ("x-max-length", .integer(let length)): "Queue('\(queue)', …, max_length=\(length))"
        case ("x-max-length-bytes", .integer(let bytes)): "Queue('\(queue)', …, max_length_bytes=\(bytes))"
        default: "Queue('\(queue)', …, queue_arguments={'\(key)': \(python(value))})"
        }
    }

    private static func python(_ value: JSONValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .string(let text): "'\(text)'"
        default: value.description
        }
    }
}
