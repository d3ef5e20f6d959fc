import CeleryProtocol
import Foundation

/// What an endpoint is asked: path parameters, the query and a posted form together as Flower reads them, and the body.
struct APIRequest: Sendable {
    /// The largest body that is read.
    static let maxBody = 4 << 20

    var parameters: [String: String] = [:]
    /// Decoded; of the query and, for a posted form, of the body behind it.
    var arguments: [(key: String, value: String)] = []
    var body: [UInt8] = []
    var identity: Identity

    /// A part of the path.
    func parameter(_ name: String) throws(APIError) -> String {
        guard let value = parameters[name], !value.isEmpty else { throw .notFound("the address lacks \(name)") }
        return value
    }

    /// The last value, without spaces around it; nil when it is missing or empty.
    func text(_ name: String) -> String? {
        guard let found = arguments.last(where: { $0.key == name }) else { return nil }
        let value = found.value.trimmingCharacters(in: .whitespacesAndNewlines)
        return value.isEmpty ? nil : value
    }

    func required(_ name: String) throws(APIError) -> String {
        guard let value = text(name) else { throw .badRequest("Missing argument \(name)") }
        return value
    }

    func integer(_ name: String) throws(APIError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text) else { throw .badRequest("Invalid argument '\(text)' of type 'int'") }
        return value
    }

    func number(_ name: String) throws(APIError) -> Double? {
        guard let text = text(name) else { return nil }
        guard let value = Double(text), value.isFinite else {
            throw .badRequest("Invalid argument '\(text)' of type 'float'")
        }
        return value
    }

    /// Python's `strtobool`, as Flower reads it.
    func flag(_ name: String) throws(APIError) -> Bool {
        guard let text = text(name) else { return false }
        switch text.lowercased() {
        case "y", "yes", "t", "true", "on", "1": return true
        case "n", "no", "f", "false", "off", "0": return false
        default: throw .badRequest("Invalid argument '\(text)' of type 'bool'")
        }
    }
}
