extension Duration {
    /// Reads `30`, `0.5`, `500ms`, `30s`, `5m`, `1h` or `2d`; a bare number is seconds.
    init?(settingText text: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)]
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }),
            let seconds = Double(plainNumber: String(text.dropLast(unit.count)))
        else { return nil }
        let total = seconds * factor
        guard total.isFinite, abs(total) < 1e12 else { return nil }
        self = .milliseconds(Int64((total * 1000).rounded()))
    }

    /// Whole and fractional seconds.
    package var secondsValue: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// As it would be written in queues.yaml: `500ms`, `30s`, `5m`, `1h`, `2d`.
    var settingText: String {
        let milliseconds = Int64((secondsValue * 1000).rounded())
        guard milliseconds != 0 else { return "0s" }
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60000), ("s", 1000)]
        guard let (unit, size) = units.first(where: { milliseconds % $0.1 == 0 }) else { return "\(milliseconds)ms" }
        return "\(milliseconds / size)\(unit)"
    }
}

extension Double {
    /// A decimal number without `nan`, `inf` or hexadecimal forms, which `Double.init` would take.
    init?(plainNumber text: String) {
        let allowed = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard allowed, let value = Double(text), value.isFinite else { return nil }
        self = value
    }
}
