public import OrderedCollections

extension TaskMessage {
    /// The next try of this message: `Task.retry` and `signature_from_request` of `celery/app/task.py`.
    ///
    /// Kept are id, root, parent, group and index, shadow, time limits, expiry, links, origin, stamps, nesting,
    /// priority, reply-to, `ignore_result` and the custom headers without the broker's `x-death` ones; `retries` is one
    /// more. Arguments that are not given stay the bytes that came. The dead letter's headers of Chard (`x-chard-…`) go
    /// too.
    ///
    /// - Parameters:
    ///   - eta: when to try again.
    ///   - args: new positional arguments, nil for the same.
    ///   - kwargs: new keyword arguments, nil for the same.
    ///   - ignoreResult: the task's own option, sent if the message says nothing.
    ///   - origin: this node, sent if the message does not say where it came from.
    ///   - replyTo: sent if the message has none.
    /// - Throws: `JSONError` if only one of `args` and `kwargs` is given and the other can't be parsed.
    public func retryDraft(
        eta: Timestamp?,
        args: [CeleryValue]? = nil,
        kwargs: CeleryMap? = nil,
        ignoreResult: Bool = false,
        origin: String = "",
        replyTo: String = ""
    ) throws(JSONError) -> Draft {
        var draft = Draft(
            id: id,
            task: task,
            arguments: try retryArguments(args, kwargs),
            origin: self.origin ?? origin
        )
        draft.links = retryLinks
        draft.contentType = Self.canWrite(contentType) ? contentType : .json
        draft.shadow = shadow
        draft.eta = eta
        draft.expires = expires
        draft.group = group
        draft.groupIndex = groupIndex
        draft.retries = retries &+ 1
        draft.hardTimeLimit = hardTimeLimit
        draft.softTimeLimit = softTimeLimit
        draft.rootID = rootID
        draft.parentID = parentID
        draft.argsRepr = args == nil && !argsRepr.isEmpty && legacyHeaders == nil ? argsRepr : nil
        draft.kwargsRepr = kwargs == nil && !kwargsRepr.isEmpty && legacyHeaders == nil ? kwargsRepr : nil
        draft.ignoreResult = self.ignoreResult ?? ignoreResult
        draft.replacedTaskNesting = replacedTaskNesting
        keepStamps(&draft)
        draft.headers = keptHeaders
        draft.replyTo = self.replyTo ?? replyTo
        draft.priority = priority
        return draft
    }

    /// The message of `retryDraft`, published where this one was: to the same exchange with the same routing key.
    ///
    /// - Parameter now: the time that the TTL of a message that expires is counted from.
    public func retryPublication(
        eta: Timestamp?,
        args: [CeleryValue]? = nil,
        kwargs: CeleryMap? = nil,
        ignoreResult: Bool = false,
        origin: String = "",
        replyTo: String = "",
        now: Timestamp
    ) throws -> TaskPublication {
        let draft = try retryDraft(
            eta: eta,
            args: args,
            kwargs: kwargs,
            ignoreResult: ignoreResult,
            origin: origin,
            replyTo: replyTo
        )
        return try draft.publication(
            exchange: deliveryInfo.exchange,
            routingKey: deliveryInfo.routingKey,
            now: now
        )
    }

    private func retryArguments(_ args: [CeleryValue]?, _ kwargs: CeleryMap?) throws(JSONError) -> DraftArguments {
        if let args, let kwargs { return .values(args, kwargs) }
        if args == nil, kwargs == nil, case .json(let bytes, let args, let kwargs, _) = body {
            return .json(bytes: bytes, args: args, kwargs: kwargs)
        }
        let own = try body.values(limits: DecodingLimits(maxBodyBytes: .max, maxDepth: .max))
        return .values(args ?? own.args, kwargs ?? own.kwargs)
    }

    private var retryLinks: DraftLinks {
        switch body {
        case .json(let bytes, _, _, let range?): .json(bytes: bytes, range: range)
        case .json: .none
        case .values(_, _, let embed): .values(embed.map(Embed.init) ?? Embed())
        }
    }

    private func keepStamps(_ draft: inout Draft) {
        guard let names = stampedHeaders else { return }
        draft.stampedHeaders = names
        draft.stamps = stamps.filter { names.contains($0.key) }
    }

    private var keptHeaders: CeleryMap {
        guard var headers = customHeaders else { return [:] }
        headers.removeAll { Self.brokerHeaders.contains($0.key) || $0.key.hasPrefix("x-chard-") }
        return headers
    }

    private static func canWrite(_ type: ContentType) -> Bool {
        switch type {
        case .json, .msgpack, .yaml: true
        case .pickle, .data, .text, .other: false
        }
    }

    /// What RabbitMQ adds when it dead-letters (`celery/app/task.py` `X_DEATH_HEADERS`).
    private static let brokerHeaders: Set<String> = [
        "x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason", "x-last-death-exchange",
        "x-last-death-queue", "x-last-death-reason",
    ]
}
