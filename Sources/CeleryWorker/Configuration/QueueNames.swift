/// What RabbitMQ accepts as the name of a queue and of the exchange beside it.
enum QueueNames {
    /// AMQP's short strings hold 255 bytes, and `.dead` must fit as well.
    static let maxBytes = 250

    /// Why the name can't be used, or nil.
    static func objection(to name: String) -> String? {
        if name.isEmpty { return "a queue's name must not be empty" }
        if name.utf8.count > maxBytes { return "a queue's name must be at most \(maxBytes) bytes long" }
        if name.hasPrefix("amq.") { return "names that start with amq. belong to RabbitMQ" }
        return nil
    }

    static func check(_ name: String, reader: SettingsReader, key: ConfigKey) {
        if let objection = objection(to: name) { reader.problem(objection, key) }
    }
}
