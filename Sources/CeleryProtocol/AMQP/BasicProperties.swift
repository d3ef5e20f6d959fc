public import OrderedCollections

/// The properties of an AMQP message (AMQP 0-9-1 §1.8.2, class `basic`); nil means that the message does not carry one.
public struct BasicProperties: Sendable, Hashable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: CeleryMap?
    /// 1 transient, 2 persistent.
    public var deliveryMode: UInt8?
    /// 0…255; RabbitMQ uses 0…`x-max-priority`.
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// Milliseconds until the broker drops the message, as decimal text.
    public var expiration: String?
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    public var type: String?
    public var userID: String?
    public var appID: String?
    public var clusterID: String?

    public init() {}
}

extension BasicProperties {
    /// The bits of the property flags, AMQP 0-9-1 §4.2.6.1.
    enum Flag {
        static let contentType: UInt16 = 0x8000
        static let contentEncoding: UInt16 = 0x4000
        static let headers: UInt16 = 0x2000
        static let deliveryMode: UInt16 = 0x1000
        static let priority: UInt16 = 0x0800
        static let correlationID: UInt16 = 0x0400
        static let replyTo: UInt16 = 0x0200
        static let expiration: UInt16 = 0x0100
        static let messageID: UInt16 = 0x0080
        static let timestamp: UInt16 = 0x0040
        static let type: UInt16 = 0x0020
        static let userID: UInt16 = 0x0010
        static let appID: UInt16 = 0x0008
        static let clusterID: UInt16 = 0x0004
        /// More flag words follow; class `basic` has none.
        static let continuation: UInt16 = 0x0001
    }
}
