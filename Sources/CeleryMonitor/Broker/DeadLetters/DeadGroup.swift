import Crypto
import Foundation

/// Dead letters that are probably there for one and the same cause.
struct DeadGroup: Sendable {
    /// Of task, reason, kind of exception and first line, without what differs from message to message.
    var fingerprint: String
    var task: String?
    var reason: String
    /// The first line of what was said about the newest one.
    var line: String
    var count = 0
    var bytes = 0
    /// Seconds since 1970.
    var oldest: Double?
    var newest: Double?
    /// Of the newest.
    var example: String

    /// The largest first.
    static func groups(_ letters: [DeadMessage]) -> [DeadGroup] {
        var groups: [String: DeadGroup] = [:]
        for letter in letters {
            let print = letter.fingerprint
            var group =
                groups[print]
                ?? DeadGroup(
                    fingerprint: print,
                    task: letter.task,
                    reason: letter.reason,
                    line: letter.firstLine,
                    example: letter.key
                )
            group.count += 1
            group.bytes &+= letter.size
            if let time = letter.time {
                if time >= group.newest ?? 0 { (group.line, group.example) = (letter.firstLine, letter.key) }
                group.oldest = min(group.oldest ?? time, time)
                group.newest = max(group.newest ?? time, time)
            }
            groups[print] = group
        }
        return groups.values.sorted { ($1.count, $0.fingerprint) < ($0.count, $1.fingerprint) }
    }
}

extension DeadMessage {
    /// Of what was said about it.
    var firstLine: String {
        String((error ?? argumentsProblem ?? "").split(whereSeparator: \.isNewline).first ?? "").prefix(300).description
    }

    /// `KeyError` of `KeyError('x')` or `KeyError: x`.
    var exceptionType: String? {
        let name = firstLine.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        guard let next = firstLine.dropFirst(name.count).first, next == "(" || next == ":",
            name.first?.isUppercase == true
        else { return nil }
        return String(name)
    }

    var fingerprint: String {
        let parts = [task ?? "", reason, exceptionType ?? "", Self.normalized(firstLine)]
        let hash = SHA256.hash(data: Data(parts.joined(separator: "\u{0}").utf8))
        return hash.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Why it is there, for a person.
    var reasonText: String { firstLine.isEmpty ? reason : "\(reason): \(firstLine)" }

    /// Numbers, ids and what stands in quotes differ from message to message.
    static func normalized(_ line: String) -> String {
        var result = ""
        var word = ""
        func flush() {
            let isHex = word.utf8.count >= 8 && word.allSatisfy { $0.isHexDigit || $0 == "-" }
            result += isHex || word.contains(where: \.isNumber) ? "#" : word
            word = ""
        }
        for character in line {
            if character.isLetter || character.isNumber || character == "-" || character == "_" {
                word.append(character)
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }
}
