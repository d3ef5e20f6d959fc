/// A broker's version, for what only some of them can do.
package struct RabbitMQVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int
    package let patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `3.10.8`, `4.1`, `4.3.0-rc.1`; nil for anything else.
    package init?(_ text: String) {
        let numbers = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0)
    }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (a: RabbitMQVersion, b: RabbitMQVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    /// Classic queues can be mirrored; gone with 4.0.
    package var hasMirroring: Bool { self < RabbitMQVersion(4, 0) }
    /// A policy can set `consumer-timeout`.
    package var hasConsumerTimeoutPolicy: Bool { self >= RabbitMQVersion(3, 12) }
    /// Quorum queues can dead-letter at least once.
    package var hasSafeDeadLettering: Bool { self >= RabbitMQVersion(3, 10) }
}
