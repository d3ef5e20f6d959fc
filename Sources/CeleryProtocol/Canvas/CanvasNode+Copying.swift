import OrderedCollections

/// Copies and merges (`Signature.clone`, `_merge`, `_clone_with_members`).
extension CanvasNode {
    /// Partial arguments go before its own; options replace its own, but for `group_id` and the stamps that it has.
    func merged(
        args partial: [CeleryValue],
        kwargs updates: CeleryMap,
        options overrides: CanvasOptions
    ) -> (args: [CeleryValue], kwargs: CeleryMap, options: CanvasOptions) {
        var new = options
        if !overrides.isEmpty {
            let fixed = fixedOptions
            for (name, value) in overrides where !fixed.contains(name) || options[name] == nil {
                new[name] = value
            }
        }
        guard !isImmutable else { return (args, contents.kwargs, new) }
        return (partial + args, contents.kwargs.merging(updates) { $1 }, new)
    }

    private var fixedOptions: Set<String> {
        var names: Set<String> = ["group_id", "stamped_headers"]
        if let stamps = options["stamped_headers"] {
            names.formUnion(stamps.elements.compactMap { TaskHeaders.text($0.celeryValue) })
        }
        return names
    }

    func clone(args: [CeleryValue] = [], kwargs: CeleryMap = [:], options: CanvasOptions = [:]) -> CanvasNode {
        let merged = merged(args: args, kwargs: kwargs, options: options)
        let options = merged.options.copied
        switch kind {
        case .chain: return .chain(members.map { $0.clone() }, options: options)
        case .group: return .group(Members(members), options: options)
        case .chord: return cloneChord(merged.args, merged.kwargs, options)
        case .task, .map, .chunks:
            return CanvasNode(
                .task,
                task: task,
                args: merged.args,
                contents: Contents(merged.kwargs),
                options: options,
                subtaskType: subtaskType,
                isImmutable: isImmutable
            )
        }
    }

    private func cloneChord(_ args: [CeleryValue], _ kwargs: CeleryMap, _ options: CanvasOptions) -> CanvasNode {
        let header = contents.header == nil ? Members(members.map { $0.clone() }) : contents.members
        return CanvasNode(
            .chord,
            task: task,
            args: args,
            contents: Contents(kwargs, members: header, body: contents.body?.clone()),
            options: options,
            subtaskType: subtaskType,
            isImmutable: isImmutable
        )
    }

    /// As Python's `deepcopy` copies a signature: options of its own, arguments that are shared.
    func deepCopy() -> CanvasNode {
        let copy = CanvasNode(
            kind,
            task: task,
            args: args,
            contents: contents,
            options: options.copied,
            subtaskType: subtaskType,
            isImmutable: isImmutable
        )
        copy.hasTupleArgs = hasTupleArgs
        return copy
    }

    /// A copy whose members can be linked to without changing those of the original.
    func cloneWithMembers() -> CanvasNode {
        let copy = clone()
        switch kind {
        case .group: copy.contents.members = Members(copy.members.map { $0.cloneWithMembers() })
        case .chord: copy.contents.body = copy.contents.body?.cloneWithMembers()
        default: break
        }
        return copy
    }
}
