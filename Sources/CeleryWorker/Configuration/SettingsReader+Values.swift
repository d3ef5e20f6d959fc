extension SettingsReader {
    package func integer(_ key: ConfigKey, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        return integer(value, key, in: range, orNone: "")
    }

    package func optionalInteger(_ key: ConfigKey, in range: ClosedRange<Int>) -> OptionalSetting<Int>? {
        guard let value = value(key) else { return nil }
        guard !value.isNone else { return .off }
        return integer(value, key, in: range, orNone: ", or none").map { .on($0) }
    }

    package func duration(_ key: ConfigKey, in range: ClosedRange<Duration>) -> Duration? {
        guard let value = value(key) else { return nil }
        return duration(value, key, in: range, orNone: "")
    }

    package func optionalDuration(_ key: ConfigKey, in range: ClosedRange<Duration>) -> OptionalSetting<Duration>? {
        guard let value = value(key) else { return nil }
        guard !value.isNone else { return .off }
        return duration(value, key, in: range, orNone: ", or none").map { .on($0) }
    }

    package func durations(_ key: ConfigKey, in range: ClosedRange<Duration>) -> [Duration]? {
        guard let values = values(key) else { return nil }
        let durations = values.compactMap { duration($0, key, in: range, orNone: "") }
        guard !durations.isEmpty else {
            if values.isEmpty { problem("must name at least one duration, e.g. [1, 2, 4]", key) }
            return nil
        }
        return durations
    }

    package func flag(_ key: ConfigKey) -> Bool? {
        guard let value = value(key) else { return nil }
        switch value.text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            problem("must be true or false, not \(value.quoted)", key, at: value)
            return nil
        }
    }

    /// Text that is neither empty nor `null`.
    package func text(_ key: ConfigKey) -> Value? {
        guard let value = value(key), !value.isNone else { return nil }
        guard !value.text.isEmpty else {
            problem("must not be empty", key, at: value)
            return nil
        }
        return value
    }

    /// One of the raw values of an enumeration; `-` counts as `_`.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: ConfigKey, of: Choice.Type) -> Choice? {
        guard let value = value(key) else { return nil }
        let text = value.text.lowercased().map { $0 == "-" ? "_" : $0 }
        if let choice = Choice(rawValue: String(text)) { return choice }
        let choices = Choice.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: value.text, among: choices).map { "; did you mean \"\($0)\"?" } ?? ""
        problem("must be \(choices.joined(separator: " or ")), not \(value.quoted)\(near)", key, at: value)
        return nil
    }

    /// Bytes: a plain number, or one with kB, MB, GB, KiB, MiB, GiB.
    package func size(_ key: ConfigKey, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        let units: [(String, Double)] = [
            ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("", 1),
        ]
        let unit = units.first { value.text.lowercased().hasSuffix($0.0.lowercased()) } ?? ("", 1)
        let number = Double(plainNumber: value.text.dropLast(unit.0.count).trimmed).map { $0 * unit.1 }
        guard let number, let bytes = Int(exactly: number.rounded()), range.contains(bytes) else {
            let limits = "\(range.lowerBound) to \(range.upperBound) bytes"
            problem("must be a size such as 64MiB, \(limits), not \(value.quoted)", key, at: value)
            return nil
        }
        return bytes
    }

    private func integer(_ value: Value, _ key: ConfigKey, in range: ClosedRange<Int>, orNone: String) -> Int? {
        guard let number = Int(value.text), range.contains(number) else {
            let limits =
                range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            problem("must be a whole number \(limits)\(orNone), not \(value.quoted)", key, at: value)
            return nil
        }
        return number
    }

    package func duration(
        _ value: Value,
        _ key: ConfigKey,
        in range: ClosedRange<Duration>,
        orNone: String
    ) -> Duration? {
        guard let duration = Duration(settingText: value.text) else {
            problem(
                "must be a duration: seconds, or a number with ms, s, m, h or d such as 30s\(orNone), not "
                    + "\(value.quoted)",
                key,
                at: value
            )
            return nil
        }
        guard range.contains(duration) else {
            let limits = "\(range.lowerBound.settingText) to \(range.upperBound.settingText)"
            problem("must be from \(limits)\(orNone), not \(value.quoted)", key, at: value)
            return nil
        }
        return duration
    }
}

extension SettingsReader.Value {
    package var isNone: Bool { ["none", "null", "~"].contains(text.lowercased()) }

    /// The text in quotes, cut short when it is long.
    package var quoted: String { text.count > 60 ? "\"\(text.prefix(60))…\"" : "\"\(text)\"" }
}
