import OrderedCollections
import Testing

@testable import CeleryProtocol

/// Applies what real Celery has applied and compares every message, chord size, saved group and result.
@Suite struct CanvasFixtureTests {
    static let now = Timestamp(iso: "2026-01-02T03:04:05+00:00")!

    @Test func appliesAsCeleryDoes() throws {
        let cases = try CanvasFixture.cases("apply")
        #expect(cases.count > 100)
        for (index, expected) in cases.enumerated() {
            compare(expected, index)
        }
    }

    @Test func combinesAsCeleryDoes() throws {
        let cases = try CanvasFixture.cases("combine")
        #expect(!cases.isEmpty)
        for (index, expected) in cases.enumerated() {
            let parts = try #require(expected["parts"]).arrayValue!.map { try #require(Signature(celeryValue: $0)) }
            var whole = parts[0]
            if expected["kind"] == "chain" {
                whole = try Signature.chain(parts)
            } else {
                for part in parts.dropFirst() { whole = try whole.chained(with: part) }
            }
            #expect(
                CanvasFixture.canonical(whole.celeryValue) == CanvasFixture.canonical(expected["whole"]!),
                "combination \(index)"
            )
        }
    }

    @Test func stampsAsCeleryDoes() throws {
        let cases = try CanvasFixture.cases("stamp")
        #expect(!cases.isEmpty)
        for (index, expected) in cases.enumerated() {
            let signature = try #require(Signature(celeryValue: expected["signature"]!))
            let stamped = signature.stamped(expected["stamps"]!.mapValue!)
            #expect(
                CanvasFixture.canonical(stamped.celeryValue) == CanvasFixture.canonical(expected["stamped"]!),
                "stamping \(index)"
            )
        }
    }

    private func compare(_ expected: CeleryValue, _ index: Int) {
        let name = "case \(index), \(expected["name"]?.stringValue ?? "")"
        do {
            let plan = try plan(expected)
            #expect(expected["error"] == nil, "\(name): Celery raises \(expected["error"] ?? nil)")
            var own: CeleryMap = ["steps": .array(try plan.steps.map(Self.described))]
            var theirs: CeleryMap = ["steps": expected["steps"] ?? []]
            if expected["replaced"] == nil {
                own["result"] = plan.result.celeryValue
                own["children"] = .array(plan.children.map(\.celeryValue))
                theirs["result"] = expected["result"] ?? .null
                theirs["children"] = expected["children"] ?? []
            }
            // Celery answers nothing at all for a chain without tasks.
            if theirs["result"] == .null { own["result"] = .null }
            #expect(CanvasFixture.canonical(.map(own)) == CanvasFixture.canonical(.map(theirs)), "\(name)")
        } catch let error as CanvasError {
            #expect(expected["error"] != nil, "\(name): \(error)")
        } catch {
            Issue.record("\(name): \(error)")
        }
    }

    private func plan(_ expected: CeleryValue) throws -> CanvasPlan {
        let signature = try #require(Signature(celeryValue: expected["signature"]!))
        var count = 0
        let parent = expected["parent"]?.arrayValue ?? []
        let replaced = expected["replaced"]
        var canvas = Canvas(
            parentID: replaced?["id"]?.stringValue ?? parent.first?.stringValue,
            rootID: replaced?["root_id"]?.stringValue ?? parent.last?.stringValue
        ) {
            count += 1
            return "~\(count)"
        }
        canvas.replyTo = "oid"
        guard let replaced else {
            return try canvas.apply(
                signature,
                args: expected["args"]?.arrayValue ?? [],
                kwargs: expected["kwargs"]?.mapValue ?? [:],
                options: expected["options"]?.mapValue ?? [:]
            )
        }
        let task = ReplacedTask(
            id: "me",
            rootID: replaced["root_id"]?.stringValue,
            group: replaced["group"]?.stringValue,
            groupIndex: replaced["group_index"]?.intValue,
            nesting: replaced["nesting"]?.intValue ?? 0,
            embed: Embed(replaced.mapValue!)
        )
        return try canvas.replacement(of: task, with: signature)
    }

    /// A step as the fixture tells it.
    private static func described(_ step: CanvasPlan.Step) throws -> CeleryValue {
        switch step {
        case .chordSize(let group, let size): return ["size": [.string(group), .int(size)]]
        case .saveGroup(let tuple): return ["save": tuple.celeryValue]
        case .publish(let signature): return ["publish": .map(try message(signature))]
        }
    }

    private static func message(_ signature: Signature) throws -> CeleryMap {
        let id = try #require(signature.options["task_id"]?.stringValue)
        let draft = try TaskMessage.Draft(signature, id: id, origin: "", now: now)
        func text(_ text: String?) -> CeleryValue { text.map(CeleryValue.string) ?? .null }
        func number(_ number: Double?) -> CeleryValue { number.map { .int(Int($0)) } ?? .null }
        var fields: CeleryMap = [
            "id": .string(id), "task": .string(draft.task), "args": .array(signature.args),
            "kwargs": .map(signature.kwargs), "group": text(draft.group), "reply_to": .string(draft.replyTo),
            "root_id": .string(draft.rootID ?? id), "parent_id": text(draft.parentID), "shadow": text(draft.shadow),
            "eta": text(draft.eta?.iso), "expires": text(draft.expires?.iso), "stamps": .map(draft.stamps),
            "replaced_task_nesting": .int(draft.replacedTaskNesting), "priority": .int(Int(draft.priority)),
            "time_limit": number(draft.hardTimeLimit), "soft_time_limit": number(draft.softTimeLimit),
            "queue": signature.options["queue"] ?? .null, "chord": signature.options["chord"] ?? .null,
            "callbacks": list(signature.options["link"]), "errbacks": list(signature.options["link_error"]),
            "chain": signature.options["chain"] ?? .null,
        ]
        fields.removeAll { [.null, [], [:], .string(""), .int(0)].contains($0.value) }
        if let index = draft.groupIndex { fields["group_index"] = .int(index) }
        return fields
    }

    private static func list(_ value: CeleryValue?) -> CeleryValue {
        switch value {
        case .array, .null, nil: value ?? .null
        default: [value!]
        }
    }
}
