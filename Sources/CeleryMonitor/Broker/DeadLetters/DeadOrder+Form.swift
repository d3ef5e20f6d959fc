extension DeadOrder.Selection {
    /// `key` names one, `group` a group; neither: all.
    init(_ form: ActionForm) {
        if let key = form.value("key") {
            self = .one(key)
        } else if let group = form.value("group") {
            self = .group(group)
        } else {
            self = .all
        }
    }

    /// For the audit log.
    var text: String {
        switch self {
        case .all: "all"
        case .group(let fingerprint): "group \(fingerprint)"
        case .one(let key): "message \(key)"
        }
    }
}

extension DeadJob {
    /// What the person who began it is told.
    func outcome() throws(PageError) -> String {
        let progress = progress
        guard !progress.isRunning else { return "Under way: \(line) The page shows how far it is." }
        if let problem = progress.problem { throw .unavailable("\(line) Nothing is lost. \(problem)") }
        if progress.done == 0, progress.refused > 0 { throw .unavailable(line) }
        if progress.done == 0 { throw .notFound("Nothing was done: no such message is in \(order.queue) now.") }
        return line
    }
}
