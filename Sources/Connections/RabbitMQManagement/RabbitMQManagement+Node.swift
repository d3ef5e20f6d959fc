extension RabbitMQManagement {
    public struct Node: Sendable, Hashable, Decodable {
        public var name: String
        public var running: Bool
        public var memoryAlarm: Bool?
        public var diskAlarm: Bool?
        public var memoryUsed: Int?
        public var memoryLimit: Int?
        public var diskFree: Int?
        public var diskFreeLimit: Int?
        /// Nodes that this one lost sight of.
        public var partitions: [String]?
        /// Milliseconds.
        public var uptime: Int?
        public var descriptorsUsed: Int?
        public var descriptorsTotal: Int?
        public var socketsUsed: Int?

        enum CodingKeys: String, CodingKey {
            case name, running, partitions, uptime
            case descriptorsUsed = "fd_used"
            case descriptorsTotal = "fd_total"
            case socketsUsed = "sockets_used"
            case memoryAlarm = "mem_alarm"
            case diskAlarm = "disk_free_alarm"
            case memoryUsed = "mem_used"
            case memoryLimit = "mem_limit"
            case diskFree = "disk_free"
            case diskFreeLimit = "disk_free_limit"
        }
    }
}
