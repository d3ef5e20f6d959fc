import Testing

@testable import CeleryMonitor

@Suite struct FlowerSearchTests {
    private var task: TaskRecord {
        var task = TaskRecord(id: "abc-123", state: "SUCCESS", timestamp: 1)
        task.name = "shop.Pay"
        task.worker = "celery@one"
        task.args = "('hello world', 3)"
        task.kwargs = "{'user': 'ann', 'count': 5}"
        task.result = "'fine'"
        return task
    }

    @Test(arguments: [
        "", "shop", "SHOP.pay", "name:pay", "state:success", "worker:celery@one", "\"hello world\"", "kwargs:user=ann",
        "kwargs:count=5", "kwargs:USER=Ann", "result:fine", "nothing OR shop", "shop AND state:SUCCESS", "shop hello",
        "(nothing OR shop) AND (state:failure OR state:success)", "abc-123", "\"AND\" OR shop", "a\\\"b OR shop",
        "unknown:shop OR shop",
    ])
    func matches(query: String) throws {
        #expect(try FlowerSearch(query).matches(task))
    }

    @Test(arguments: [
        "nothing", "name:nothing", "state:succes", "kwargs:user=bob", "kwargs:count=55", "shop AND nothing",
        "unknown:shop",
    ])
    func matchesNot(query: String) throws {
        #expect(try !FlowerSearch(query).matches(task))
    }

    @Test(arguments: [
        ("\"open", "Unterminated quoted phrase at position 0."),
        ("ab", "Substring search terms must contain at least 3 characters at position 0."),
        ("one OR", "OR must be followed by a search term at position 4."),
        ("NOT x", "NOT is not supported at position 0."),
        ("-one", "Negation with '-' is not supported at position 0."), ("()", "Empty group at position 0."),
        ("(one", "Missing closing parenthesis at position 0."), ("one)", "Unexpected ')' at position 3."),
        ("name:", "Search qualifier requires a value at position 0."), ("\"\"", "Empty search term at position 0."),
    ])
    func isRefused(query: String, text: String) {
        #expect(throws: TaskSearchRefusal(text)) {
            do { _ = try FlowerSearch(query) } catch { throw TaskSearchRefusal("\(error)") }
        }
    }

    @Test func isBounded() {
        #expect(throws: FlowerSearchError.self) { try FlowerSearch(String(repeating: "x", count: 3000)) }
        #expect(throws: FlowerSearchError.self) { try FlowerSearch(String(repeating: "xxx ", count: 200)) }
        #expect(throws: FlowerSearchError.self) {
            try FlowerSearch(String(repeating: "(", count: 100) + "xxx" + String(repeating: ")", count: 20))
        }
    }
}

private struct TaskSearchRefusal: Error, Equatable {
    var text: String
    init(_ text: String) { self.text = text }
}
