/// Writes Prometheus' text format 0.0.4: each family once, with its HELP and TYPE, and its samples together
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct PrometheusText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []
    private var name: [UInt8] = []

    init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Begins a family; the samples that follow are its.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = Array(name.utf8)
        bytes += "# HELP \(name) ".utf8
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
        bytes += "\n# TYPE \(name) \(kind.rawValue)\n".utf8
    }

    /// - Parameters:
    ///   - labels: As `labels(_:)` makes them.
    ///   - more: Behind them, with its comma: what differs between the samples of one series.
    ///   - suffix: Of a histogram's sample: `_bucket`.
    mutating func sample(_ labels: [UInt8], more: [UInt8] = [], suffix: [UInt8] = [], _ value: Int) {
        begin(labels, more, suffix)
        bytes += String(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func sample(_ labels: [UInt8], more: [UInt8] = [], suffix: [UInt8] = [], _ value: Double) {
        begin(labels, more, suffix)
        bytes += Self.number(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func sample(_ labels: [(String, String)] = [], _ value: Double) {
        sample(Self.labels(labels), value)
    }

    private mutating func begin(_ labels: [UInt8], _ more: [UInt8], _ suffix: [UInt8]) {
        bytes += name
        bytes += suffix
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels
            bytes += more
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    /// `task="a.b",worker="celery@host"`.
    static func labels(_ labels: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in labels {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += "\(name)=\"".utf8
            escape(value, into: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        return bytes
    }

    /// Bytes of a label's value at most; what is longer is cut.
    static let maxLabel = 200

    /// Cut between characters, so that what is shown stays UTF-8.
    static func bounded(_ value: String) -> String {
        guard value.utf8.count > maxLabel else { return value }
        var text = String(value.unicodeScalars.prefix(maxLabel))
        while text.utf8.count > maxLabel { text.unicodeScalars.removeLast() }
        return text
    }

    private static func escape(_ value: String, into bytes: inout [UInt8]) {
        for byte in bounded(value).utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
    }

    private static func number(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        case _ where value.isNaN: "NaN"
        case _ where value == value.rounded() && abs(value) < 1e15: String(Int(value))
        default: "\(value)"
        }
    }
}
