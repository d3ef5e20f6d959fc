import CeleryWorker

/// Arguments of a Python function `f(*args, name=default)`: whatever stands there by position, and some keywords.
///
/// A decoder of arguments gives each key that it is asked for the next position, so asking for more and more keys reads
/// all positions, and keys asked for after that get keywords.
struct Variadic: Codable, Sendable {
    var args: [CeleryValue] = []
    var keywords: CeleryMap = [:]

    init(_ decoder: any Decoder, keywords names: String...) throws {
        guard !names.isEmpty else {
            args = try [CeleryValue](from: decoder)
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        while true {
            let key = Key(stringValue: "*\(args.count)")
            guard container.contains(key) else { break }
            args.append(try container.decode(CeleryValue.self, forKey: key))
        }
        for name in names {
            let key = Key(stringValue: name)
            guard container.contains(key) else { continue }
            keywords[name] = try container.decode(CeleryValue.self, forKey: key)
        }
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
