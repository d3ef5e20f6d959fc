import CRabbitMQ

/// Names threads for `top -H` and debuggers.
package enum ThreadName {
    /// Names the calling thread; the system shows at most 15 bytes.
    ///
    /// Foundation's `Thread.name` is often lost on Linux when it is set before or just after the start.
    package static func set(_ name: String) { chard_name_thread(name) }
}
