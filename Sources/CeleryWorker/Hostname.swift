import Foundation

/// Names of this machine and of the worker on it, as `celery/utils/nodenames.py` makes them.
enum Hostname {
    static let full = ProcessInfo.processInfo.hostName

    /// Expands `%h` (host name), `%n` (its first part), `%d` (the rest) and `%%`; a name without `@` gets the host.
    static func nodename(_ pattern: String, host: String = full) -> String {
        let parts = host.split(separator: ".", maxSplits: 1).map(String.init)
        var name = ""
        var isEscaped = false
        for character in pattern {
            guard isEscaped else {
                if character == "%" { isEscaped = true } else { name.append(character) }
                continue
            }
            isEscaped = false
            switch character {
            case "h": name += host
            case "n": name += parts.first ?? host
            case "d": name += parts.count > 1 ? parts[1] : ""
            case "i", "I": name += "0"
            case "%": name += "%"
            default: name += "%\(character)"
            }
        }
        return name.contains("@") ? name : "\(name)@\(host)"
    }
}

extension Celery {
    /// How the worker of this application is called, e.g. `celery@host`.
    package var nodename: String { Hostname.nodename(configuration.worker.hostname) }
}
