import Yams

extension SettingsReader {
    /// One item of a list that may hold both single values and maps.
    package enum Item {
        case value(Value)
        case section(SettingsReader)
    }

    /// The items of a list, each with its place. A single item counts as a list of one; layers above the file give
    /// single values, separated by `,`.
    ///
    /// - Parameter known: The keys that may stand in a map.
    package func items(_ key: ConfigKey, known: [ConfigKey]) -> [Item]? {
        guard let (node, line) = node(key), !node.isNull, value(ofLayersAbove: key) == nil else {
            return values(key)?.map(Item.value)
        }
        return (node.sequence.map(Array.init) ?? [node]).enumerated().compactMap { number, item in
            let itemLine = item.mark?.line ?? line
            if item.mapping != nil {
                let place = "\(path(of: key))[\(number)]"
                return .section(SettingsReader(item, path: place, line: itemLine, known: known, context: context))
            }
            guard let scalar = item.scalar, !item.isNull else {
                problem("every item must be a single value or a map", key, line: itemLine)
                return nil
            }
            return .value(Value(text: scalar.string, source: context.file, line: itemLine, isFromFile: true))
        }
    }

    /// A number with or without decimals.
    package func number(_ key: ConfigKey, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = Double(plainNumber: value.text), range.contains(number) else {
            problem(
                "must be a number from \(range.lowerBound) to \(range.upperBound), not \(value.quoted)",
                key,
                at: value
            )
            return nil
        }
        return number
    }
}
