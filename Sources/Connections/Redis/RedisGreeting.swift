/// What a connection says first: login, database, name, scripts. All in one write; the answers come in order.
struct RedisGreeting {
    enum Step: Sendable, Hashable {
        case login
        case ping
        case selectDatabase(Int)
        case setName
        case loadScript(sha1: String)
    }

    private(set) var bytes: [UInt8] = []
    private(set) var steps: [Step] = []
    private let endpoint: String
    private let password: String?

    init(url: RedisURL, options: RedisConnectionOptions) {
        endpoint = url.endpointDescription
        password = url.password
        if let user = url.user, !user.isEmpty {
            add(.login, RedisCommand("AUTH", user, url.password ?? ""))
        } else if let password = url.password, !password.isEmpty {
            add(.login, RedisCommand("AUTH", password))
        }
        // Also asked without a login: only an answer shows that the server wants none and has loaded its data.
        add(.ping, RedisCommand("PING"))
        if url.database != 0 { add(.selectDatabase(url.database), RedisCommand("SELECT", url.database)) }
        if let name = options.clientName { add(.setName, RedisCommand("CLIENT", "SETNAME", Self.printable(name))) }
        for script in options.scripts { add(.loadScript(sha1: script.sha1), script.loadCommand) }
    }

    private mutating func add(_ step: Step, _ command: RedisCommand) {
        steps.append(step)
        bytes += command.bytes
    }

    /// Redis takes only printable ASCII without spaces (`networking.c` validateClientName).
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.map { (33...126).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    /// What is wrong with the answer to a step; `nil` when the greeting can go on.
    func failure(of step: Step, answer: RedisValue) -> RedisError? {
        switch (step, answer) {
        case (.loadScript(let sha1), .string(let bytes)) where !bytes.elementsEqual(sha1.utf8):
            return .protocolError(endpoint: endpoint, reason: "SCRIPT LOAD answered another digest than the script's")
        case (_, .error(let line)):
            return failure(of: step, RedisServerError(line: line))
        case (.ping, .null), (.ping, .integer), (.ping, .array):
            return .protocolError(endpoint: endpoint, reason: "PING was not answered by PONG")
        default:
            return nil
        }
    }

    private func failure(of step: Step, _ error: RedisServerError) -> RedisError? {
        switch step {
        case .setName: return nil
        case .ping where error.code == "NOPERM": return nil
        case .login: return .authenticationRefused(endpoint: endpoint, message: masked(error))
        case _ where error.isRefusal: return .authenticationRefused(endpoint: endpoint, message: masked(error))
        case .ping: return .notConnected(endpoint: endpoint, reason: error.description)
        case .selectDatabase(let number):
            return .notConnected(endpoint: endpoint, reason: "database \(number) cannot be selected: \(error)")
        case .loadScript: return .notConnected(endpoint: endpoint, reason: "a script cannot be loaded: \(error)")
        }
    }

    /// A server that does not know AUTH repeats its arguments in the error.
    private func masked(_ error: RedisServerError) -> String {
        guard let password, !password.isEmpty else { return error.description }
        return error.description.replacing(password, with: "**")
    }
}
