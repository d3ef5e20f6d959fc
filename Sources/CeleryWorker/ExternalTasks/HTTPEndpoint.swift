import Foundation

/// Where and how the request for a task is made.
public struct HTTPEndpoint: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public var url: String
    public var method = "POST"
    /// With their secrets; never to be logged.
    public var headers: [String: String] = [:]

    public init(url: String) { self.url = url }

    /// The URL without user, password and query.
    public var description: String {
        guard let parts = URLComponents(string: url) else { return "the endpoint" }
        var shown = URLComponents()
        shown.scheme = parts.scheme
        shown.host = parts.host
        shown.port = parts.port
        shown.path = parts.path
        return shown.string ?? "the endpoint"
    }

    /// So that no dump of the settings shows a secret.
    public var customMirror: Mirror { Mirror(self, children: ["url": description, "method": method]) }

    private typealias Keys = ConfigKeys.ExternalTask

    /// Nil for a URL that can't be used.
    init?(reading reader: SettingsReader) {
        guard let value = reader.text(Keys.http) else { return nil }
        url = value.text
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased())
        else {
            // The URL may hold a password, so it is not repeated.
            reader.problem("must be an http:// or https:// URL with a host", Keys.http, at: value)
            return nil
        }
        readMethod(reader)
        for (name, value) in ExternalTaskSettings.texts(reader, Keys.headers) {
            headers[name] = Self.expanded(value, name, reader)
        }
    }

    private mutating func readMethod(_ reader: SettingsReader) {
        guard let value = reader.text(Keys.method) else { return }
        method = value.text.uppercased()
        guard !["POST", "PUT", "PATCH"].contains(method) else { return }
        reader.problem("must be POST, PUT or PATCH, not \(value.quoted)", Keys.method, at: value)
    }

    /// The value with environment variables in place of `${NAME}`, so that secrets need not stand in the file.
    private static func expanded(_ value: SettingsReader.Value, _ name: String, _ reader: SettingsReader) -> String {
        let isToken = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") } && !name.isEmpty
        if !isToken { reader.problem("\"\(name)\" is no name of a header", Keys.headers, at: value) }
        var text = ""
        var rest = value.text[...]
        while let start = rest.range(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let variable = String(rest[start.upperBound..<end])
            text += rest[..<start.lowerBound]
            if let replacement = reader.context.variable(variable) {
                text += replacement
            } else {
                reader.problem("the environment variable \(variable) for header \(name) is not set", Keys.headers)
            }
            rest = rest[rest.index(after: end)...]
        }
        text += rest
        if text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) {
            reader.problem("the value of header \(name) must be one line", Keys.headers)
        }
        return text
    }
}
