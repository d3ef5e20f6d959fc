/// What is told at once: all alerts that began or ended in one look.
struct AlertNotice: Sendable, Hashable {
    /// Alerts that are listed at most; of more, their number is told.
    static let maxListed = 50

    /// Seconds since 1970.
    var time: Double
    var fired: [FiringAlert] = []
    var resolved: [PastAlert] = []
    /// Of the page Alerts; nil: nobody told us our address.
    var link: String?
    /// It is only to see whether it arrives.
    var isTest = false

    var isEmpty: Bool { fired.isEmpty && resolved.isEmpty && !isTest }

    /// One line: what it is about.
    var title: String {
        if isTest { return "Chard: a test of alerts" }
        switch (fired.count, resolved.count) {
        case (1, 0): return "Chard: \(fired[0].text)"
        case (0, 1): return "Chard: over: \(resolved[0].text)"
        case (let fired, 0): return "Chard: \(fired) alerts"
        case (0, let resolved): return "Chard: \(resolved) alerts are over"
        case (let fired, let resolved): return "Chard: \(fired) new alerts, \(resolved) are over"
        }
    }

    /// For people, a line for each alert; plain text.
    var lines: [String] {
        var lines: [String] = []
        if isTest { lines.append("This is a test. Alerts will arrive here.") }
        for alert in fired.prefix(Self.maxListed) {
            lines.append("\("\(alert.severity)".uppercased()) \(alert.rule): \(alert.text); \(alert.advice)")
        }
        for alert in resolved.prefix(Self.maxListed) {
            let lasted = Format.duration(max(0, alert.resolved - alert.fired))
            lines.append("OVER \(alert.rule): \(alert.text) (it lasted \(lasted))")
        }
        if more > 0 { lines.append("and \(Format.count(more)) more") }
        if let link { lines.append(link) }
        return lines
    }

    /// Alerts that are not listed.
    var more: Int { max(0, fired.count - Self.maxListed) + max(0, resolved.count - Self.maxListed) }
}
