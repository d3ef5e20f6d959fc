import CeleryProtocol
import OrderedCollections

/// One dead letter: why it is there, what it says, its real bytes, and a form to mend it.
struct DeadLetterPage: Page {
    struct Pair: Sendable {
        var pairName: String
        var pairValue: String
    }

    struct Death: Sendable {
        var deathReason: String
        var deathQueue: String
        var deathCount: String
        var deathTime: String
        var deathExchange: String
    }

    struct Model: Sendable {
        var key: String
        var queueName: String
        var queuePath: String
        var taskName: String
        var taskPath: String?
        var reasonName: String
        var errorText: String?
        var source: String
        var facts: FactGroup
        var headers: [Pair]
        var deaths: [Death]
        var args: [Pair]
        var kwargs: [Pair]
        var hasArguments: Bool
        var argumentsProblem: String?
        var canOperate: Bool
        /// Bytes may hold secrets, which only operators see.
        var bytes: Bytes?
        var edit: Edit?
        var editProblem: String?
    }

    struct Bytes: Sendable {
        var bodyText: String
        var bodyForm: String
        var bodyNote: String?
        var downloadPath: String
    }

    struct Edit: Sendable {
        var headersText: String
        var bodyEdit: String
        var bodyRows: Int
    }

    static let path = "/dead-letters/:queue/:key"
    static let template = "dead-letter"
    static let section: Section? = .deadLetters

    private let queue: String
    private let key: String
    private let canOperate: Bool
    private let maySeeBytes: Bool

    init(_ request: PageRequest) throws(PageError) {
        queue = try request.parameter("queue")
        key = try request.parameter("key")
        canOperate = !request.isReadOnly
        maySeeBytes = request.identity.role >= .operator_
    }

    var topics: Set<Topic> { [.every(seconds: 15)] }

    func title(_ model: Model) -> String { "Dead letter" }

    func model(_ monitor: Monitor) async throws -> Model {
        let found: DeadMessage?
        do {
            found = try await monitor.deadLetters.message(key, in: queue)
        } catch {
            throw DeadLetters.pageError(error, queue)
        }
        guard let letter = found else {
            throw PageError.notFound(
                "This message is not among the first \(DeadSnapshot.maxCount) of \(queue): it was requeued or dropped, or is being worked on."
            )
        }
        let redaction = Redaction(monitor.settings.redactedFields)
        let headers = letter.properties?.headers ?? [:]
        let editProblem = DeadEdit.objection(to: letter)
        return Model(
            key: key,
            queueName: queue,
            queuePath: "/dead-letters/\(Format.path(queue))",
            taskName: Format.short(letter.task ?? "no task that can be read", 300),
            taskPath: letter.taskID.map { "/tasks/\(Format.path($0))" },
            reasonName: Format.short(letter.reason, 60),
            errorText: letter.error,
            source: letter.source,
            facts: facts(letter),
            headers: headers.filter { $0.key != "x-death" }.prefix(200).map { header($0.key, $0.value, redaction) },
            deaths: deaths(headers),
            args: (letter.arguments?.args ?? []).prefix(100).enumerated().map {
                Pair(
                    pairName: "\($0.offset)",
                    pairValue: PythonRepr.repr(redaction.value($0.element), maxLength: 2000)
                )
            },
            kwargs: (letter.arguments?.kwargs ?? [:]).prefix(100).map {
                Pair(
                    pairName: $0.key,
                    pairValue: PythonRepr.repr(redaction.value($0.value, named: $0.key), maxLength: 2000)
                )
            },
            hasArguments: letter.arguments != nil,
            argumentsProblem: letter.argumentsProblem.map { Format.short($0, 500) },
            canOperate: canOperate,
            bytes: maySeeBytes ? bytes(letter) : nil,
            edit: canOperate && editProblem == nil ? edit(letter) : nil,
            editProblem: canOperate ? editProblem : nil
        )
    }

    private func facts(_ letter: DeadMessage) -> FactGroup {
        FactGroup(
            "What it is",
            [
                ("Task id", letter.taskID),
                ("Comes from", letter.source),
                ("Worker", letter.worker),
                ("Died", letter.time.map { "\(Format.time($0).full), \(Format.ago(Format.now - $0))" }),
                ("Retries", "\(letter.retries)"),
                ("Requeued from here", letter.requeues > 0 ? Format.number(letter.requeues, "time") : nil),
                ("Content type", letter.properties?.contentType),
                ("Encoding", letter.properties?.contentEncoding),
                ("Priority", letter.properties?.priority.map { "\($0)" }),
                ("Reply to", letter.properties?.replyTo),
                ("Size", Format.bytes(letter.size)),
            ].map { ($0.0, $0.1.map { Format.short($0, 300) }) }
        )
    }

    /// The texts of arguments that senders put into headers are shown decoded, and redacted, elsewhere.
    private func header(_ name: String, _ value: CeleryValue, _ redaction: Redaction) -> Pair {
        if ["argsrepr", "kwargsrepr"].contains(name) { return Pair(pairName: name, pairValue: "see the arguments") }
        return Pair(
            pairName: Format.short(name, 100),
            pairValue: PythonRepr.repr(redaction.value(value, named: name), maxLength: 2000)
        )
    }

    private func deaths(_ headers: CeleryMap) -> [Death] {
        (headers["x-death"]?.arrayValue ?? []).prefix(20).map { death in
            func text(_ key: String) -> String {
                death[key].map { $0.stringValue ?? PythonRepr.repr($0, maxLength: 200) } ?? "–"
            }
            var time = "–"
            if case .datetime(let text)? = death["time"] { time = text }
            return Death(
                deathReason: text("reason"),
                deathQueue: text("queue"),
                deathCount: text("count"),
                deathTime: time,
                deathExchange: text("exchange")
            )
        }
    }

    private func bytes(_ letter: DeadMessage) -> Bytes {
        let shown = letter.body.prefix(16 << 10)
        let text = String(validating: shown, as: UTF8.self)
        return Bytes(
            bodyText: text ?? HexDump.text(shown.prefix(4096)),
            bodyForm: text == nil ? "hexadecimal" : "text",
            bodyNote: shown.count < letter.size ? "The first of \(Format.bytes(letter.size))." : nil,
            downloadPath: "/api/v1/dead-letters/\(Format.path(queue))/\(key)/body"
        )
    }

    private func edit(_ letter: DeadMessage) -> Edit {
        let body = String(decoding: letter.body, as: UTF8.self)
        return Edit(
            headersText: DeadEdit.headersText(letter),
            bodyEdit: body,
            bodyRows: min(20, max(4, body.utf8.count / 80))
        )
    }
}

extension Redaction {
    /// The value of an argument or a header of that name.
    fileprivate func value(_ value: CeleryValue, named name: String) -> CeleryValue {
        isSecret(name.utf8) ? .string(Self.mark) : self.value(value)
    }
}
