extension PostgresError {
    /// The error that a result holds.
    init(_ result: PostgresResult, endpoint: String) {
        // The codes of libpq's PG_DIAG_… (postgres_ext.h), which are macros of characters.
        let state = result.errorField("C")
        self.init(
            state.map { .server(sqlState: $0) } ?? .connection,
            result.errorField("M") ?? PostgresLoginError.flat(result.errorMessage),
            detail: result.errorField("D"),
            hint: result.errorField("H"),
            endpoint: endpoint
        )
        table = result.errorField("t")
        constraint = result.errorField("n")
        // 26000: no such prepared statement. The other one ("cached plan must not change result type", 0A000) has
        // nothing of its own but the server's function that throws it (plancache.c).
        isStalePlan = state == "26000" || result.errorField("R") == "RevalidateCachedQuery"
    }
}

/// Reads the text that libpq leaves when it could not connect.
enum PostgresLoginError {
    /// The last refusal by a server in it, or all of it.
    static func read(_ text: String, endpoint: String) -> PostgresError {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
        for line in lines.reversed() {
            guard let (state, message) = serverMessage(in: line) else { continue }
            let hint = lines.first { $0.hasPrefix("HINT:") }.map { flat(String($0.dropFirst(5))) }
            return PostgresError(
                .server(sqlState: state),
                "the login was refused: \(message)",
                hint: hint,
                endpoint: endpoint
            )
        }
        let reason = flat(lines.joined(separator: " "))
        return PostgresError(
            .connection,
            "cannot connect: \(reason.isEmpty ? "no reason given" : reason)",
            endpoint: endpoint
        )
    }

    /// One line without what surrounds it.
    static func flat(_ text: String) -> String {
        text.split { $0.isNewline || $0 == "\t" || $0 == " " }.joined(separator: " ")
    }

    /// Splits `… FATAL:  28P01: password authentication failed` (verbosity `verbose`).
    private static func serverMessage(in line: Substring) -> (state: String, message: String)? {
        var rest = line
        while let mark = rest.firstRange(of: ":  ") {
            rest = rest[mark.upperBound...]
            let state = rest.prefix(5)
            let isState = state.count == 5 && state.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            if isState, rest.dropFirst(5).hasPrefix(": ") { return (String(state), String(rest.dropFirst(7))) }
        }
        return nil
    }
}
