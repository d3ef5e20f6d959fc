extension SettingsCheck {
    /// A Redis server by its answer to `INFO`.
    ///
    /// Results must outlive their waiters: a server that evicts keys, or that is a replica, loses or refuses them.
    package static func redis(info: String, expires: Duration?) -> [Finding] {
        let facts = facts(info)
        var findings: [Finding] = []
        let version = facts["redis_version"] ?? "unknown"
        let subject = "result backend"
        if let major = Int(version.prefix { $0 != "." }), major < 5 {
            findings.append(Finding(.problem, subject, "Redis \(version) is too old; Chard needs 5 or later"))
        }
        if facts["role"] == "slave" || facts["role"] == "replica" {
            let master = [facts["master_host"], facts["master_port"]].compactMap { $0 }.joined(separator: ":")
            findings.append(
                Finding(.problem, subject, "this is a replica and takes no results; use its master \(master)")
            )
        }
        if facts["loading"] == "1" { findings.append(Finding(.problem, subject, "it is still loading its data; wait")) }
        if facts["rdb_last_bgsave_status"] == "err" {
            findings.append(
                Finding(
                    .problem,
                    subject,
                    "its last snapshot failed, so it may refuse writes (MISCONF); look at its disk and log"
                )
            )
        }
        findings += memory(facts, subject)
        if expires == nil {
            findings.append(
                Finding(.note, subject, "results never expire (expires: none); memory grows with every task")
            )
        }
        let isWrong = findings.contains { $0.level == .problem }
        return isWrong ? findings : [Finding(.ok, subject, "Redis \(version) answers")] + findings
    }

    private static func memory(_ facts: [String: String], _ subject: String) -> [Finding] {
        guard let limit = facts["maxmemory"].flatMap(Int.init), limit > 0 else { return [] }
        var findings: [Finding] = []
        let policy = facts["maxmemory_policy"] ?? "noeviction"
        if policy != "noeviction" {
            findings.append(
                Finding(
                    .problem,
                    subject,
                    "maxmemory-policy is \(policy), which throws results away unread when memory is short; set "
                        + "it to noeviction"
                )
            )
        }
        if let used = facts["used_memory"].flatMap(Int.init), Double(used) > 0.9 * Double(limit) {
            findings.append(
                Finding(
                    .problem,
                    subject,
                    "\(used / 1_000_000) of \(limit / 1_000_000) MB are used; raise maxmemory or let results "
                        + "expire sooner"
                )
            )
        }
        return findings
    }

    private static func facts(_ info: String) -> [String: String] {
        var facts: [String: String] = [:]
        for line in info.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return facts
    }
}
