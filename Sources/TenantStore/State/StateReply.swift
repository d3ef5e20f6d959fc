import Connections

/// What a script of ``StateScripts`` answers.
enum StateReply: Hashable {
    /// Done; the version that is stored now, or was deleted.
    case done(version: Int)
    /// Not done, because this version is stored.
    case refused(version: Int)
    /// There is no document.
    case missing

    /// - Throws: `wrongData` where something else is stored, and the server's errors.
    init(_ value: RedisValue, key: String) throws(StateError) {
        if let error = value.firstError { throw StateError.from(error, key: key) }
        let numbers = value.array?.compactMap(\.integer) ?? []
        guard numbers.count == 2 else {
            throw .wrongData(key: key, reason: "the server's answer to a script is not two numbers")
        }
        switch numbers[0] {
        case 1: self = .done(version: numbers[1])
        case 0: self = .refused(version: numbers[1])
        case -1: self = .missing
        default: throw .wrongData(key: key, reason: "it does not begin with a line of version, encoding and writer")
        }
    }
}
