import OrderedCollections

/// Callbacks and errbacks (`link`, `link_error`, `set_immutable`, `_add_body_callbacks`).
extension CanvasNode {
    /// Adds to an option that is a list, unless it is there already.
    func append(_ value: CanvasOption, to option: String) {
        let items = options[option]?.elements ?? []
        guard !items.contains(where: { $0.isEqual(value) }) else {
            options[option] = .list(items)
            return
        }
        options[option] = .list(items + [value])
    }

    func extend(_ option: String, with values: CanvasOption) {
        options[option] = .list((options[option]?.elements ?? []) + values.elements)
    }

    /// A group's callback goes to its first task, a chord's to its body.
    func link(_ callback: CanvasOption) throws(CanvasError) {
        switch kind {
        case .group:
            guard let first = members.first else { throw .malformed("an empty group has no task to link to") }
            let clone = try callback.signature().clone()
            clone.setImmutable(true)
            try first.link(.node(clone))
        case .chord:
            guard let body = contents.body else { throw .chordWithoutBody }
            try body.link(callback)
        default: append(callback, to: "link")
        }
    }

    /// A group's errback goes to all its tasks, a chord's to its body and to the chords in its header.
    ///
    /// The header's tasks get none: `task_allow_error_cb_on_chord_header` is false by default.
    func linkError(_ errback: CanvasOption) throws(CanvasError) {
        switch kind {
        case .group:
            let errback = try errback.signature()
            for member in members { try member.linkError(.node(errback.clone())) }
        case .chord:
            let errback = CanvasOption.node(try errback.signature())
            if contents.header == nil {
                for member in members where member.kind == .chord { try member.linkError(errback) }
            }
            guard let body = contents.body else { throw .chordWithoutBody }
            try body.linkError(errback)
        default: append(errback, to: "link_error")
        }
    }

    func setImmutable(_ value: Bool) {
        switch kind {
        case .group, .chord: for member in members { member.setImmutable(value) }
        default: isImmutable = value
        }
    }

    /// The body of a chord with the callbacks of the chord, which are taken out of `options`.
    func withCallbacks(_ options: inout CanvasOptions) throws(CanvasError) -> CanvasNode {
        let callbacks = options.removeValue(forKey: "link")?.elements ?? []
        let errbacks = options.removeValue(forKey: "link_error")?.elements ?? []
        guard !callbacks.isEmpty || !errbacks.isEmpty else { return self }
        let body = cloneWithMembers()
        for callback in callbacks {
            let callback = CanvasOption.node(try callback.signature().cloneWithMembers())
            if body.isEmptyGroup {
                body.append(callback, to: "link")
            } else {
                try body.link(callback)
            }
        }
        for errback in errbacks {
            if body.kind == .group {
                try body.linkErrorToTasks(try errback.signature(), runsAsGroup: true)
            } else {
                body.append(errback, to: "link_error")
            }
        }
        return body
    }

    /// `_link_error_to_body_tasks`: a group that runs as one and has errbacks of its own gets it there.
    private func linkErrorToTasks(_ errback: CanvasNode, runsAsGroup: Bool) throws(CanvasError) {
        switch kind {
        case .group:
            if runsAsGroup, let own = options["link_error"], !own.isNull {
                append(.node(errback.clone()), to: "link_error")
            } else {
                for member in members { try member.linkErrorToTasks(errback, runsAsGroup: false) }
            }
        case .chord:
            guard let body = contents.body else { throw .chordWithoutBody }
            try body.linkErrorToTasks(errback, runsAsGroup: true)
        default: try linkError(.node(errback.clone()))
        }
    }

    // MARK: Chord options

    /// Removes the chord's body from what a header's tasks carry: it is put back when the header is sent
    /// (`_strip_chord_header_links`).
    func stripHeaderLinks() {
        switch kind {
        case .chord:
            clearHeader()
            if let header = contents.header {
                header.stripHeaderLinks()
            } else {
                for member in members { member.stripHeaderLinks() }
            }
            contents.body?.stripHeaderLinks()
        case .group, .chain: for member in members { member.stripHeaderLinks() }
        default: break
        }
    }

    private func clearHeader() {
        if let header = contents.header {
            header.clearChord()
        } else {
            for member in members { member.clearChord() }
        }
    }

    private func clearChord() {
        options.removeValue(forKey: "chord")
        switch kind {
        case .group: for member in members { member.clearChord() }
        case .chain: members.last?.clearChord()
        case .chord: contents.body?.clearChord()
        default: break
        }
    }
}

extension CanvasError {
    static let chordWithoutBody = CanvasError.malformed("a chord needs a body")
}
