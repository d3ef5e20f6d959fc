/// The replicas that a Redis has or had: one that stops is dropped by its master after a while, and is behind all the same.
struct ReplicaMemory: Sendable {
    /// Seconds after which one that has gone is forgotten: somebody has taken it away.
    static let memory = 3600.0

    /// When each was last heard of, by its address; seconds since 1970.
    private var heard: [String: Double] = [:]

    /// - Parameter info: What `INFO replication` answers: `slave0:ip=10.0.0.7,port=6379,state=online,offset=1,lag=0`.
    mutating func update(_ info: String, now: Double) -> [AlertInputs.RedisReplica] {
        var present: [String: Double] = [:]
        var replicas: [AlertInputs.RedisReplica] = []
        for line in info.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("slave"), let (address, lag) = Self.replica(line) { present[address] = lag }
            // This Redis is itself a replica, and its master is away.
            if line.hasPrefix("master_link_down_since_seconds:"), let seconds = Double(line.split(separator: ":")[1]),
                seconds >= 0
            {
                replicas.append(.init(address: "this Redis", lag: seconds))
            }
        }
        for (address, lag) in present { heard[address] = now - lag }
        heard = heard.filter { now - $0.value < Self.memory }
        for (address, time) in heard.sorted(by: { $0.key < $1.key }).prefix(1000) {
            replicas.append(.init(address: address, lag: max(0, now - time), isGone: present[address] == nil))
        }
        return replicas
    }

    private static func replica(_ line: Substring) -> (address: String, lag: Double)? {
        let fields = line.split(separator: ":", maxSplits: 1).last?.split(separator: ",") ?? []
        var values: [Substring: Substring] = [:]
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let ip = values["ip"], let port = values["port"] else { return nil }
        // One that is still loading has no lag yet.
        let lag = values["lag"].flatMap { Double($0) } ?? 0
        return ("\(ip):\(port)", lag.isFinite && lag >= 0 ? lag : 0)
    }
}
