import Foundation
import GRDB

/// Where in an order a page ends: the values of its last task. As text it is opaque and fits into an address.
struct TaskPlace: Hashable {
    enum Value: Hashable {
        case number(Double)
        case text(String)
    }

    var sortValue: Value
    /// Among tasks with the same value: the timestamp where that is a text, else when it arrived.
    var tie: Double
    var number: Int64
    /// Of workflows: the root.
    var id: String

    var value: DatabaseValue {
        switch sortValue {
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }

    init(_ row: TaskRow, _ order: TaskFilter.Order) {
        let task = row.record
        sortValue =
            switch order {
            case .timestamp: .number(task.timestamp)
            case .received: .number(row.arrived)
            case .started: .number(task.started ?? -1)
            case .runtime: .number(task.runtime ?? -1)
            case .name: .text(task.name ?? "")
            case .state: .text(task.state)
            case .worker: .text(task.worker ?? "")
            }
        tie = order.isText ? task.timestamp : order == .received ? 0 : row.arrived
        number = row.number ?? 0
        id = ""
    }

    init(value: Double, id: String) {
        sortValue = .number(value)
        tie = 0
        number = 0
        self.id = id
    }

    // MARK: Text

    private struct Form: Codable {
        var n: UInt64?
        var s: String?
        var t: UInt64
        var r: Int64
        var i: String
    }

    /// Numbers go as their bits, so that the very same come back.
    var text: String {
        var form = Form(t: tie.bitPattern, r: number, i: id)
        switch sortValue {
        case .number(let number): form.n = number.bitPattern
        case .text(let text): form.s = text
        }
        // Encoding numbers and texts can't fail.
        let bytes = (try? JSONEncoder().encode(form)) ?? Data()
        return bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for what is no place in this order.
    init?(_ text: String, _ order: TaskFilter.Order) {
        guard text.utf8.count < 4096 else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: padded), let form = try? JSONDecoder().decode(Form.self, from: bytes)
        else { return nil }
        if order.isText, let text = form.s {
            sortValue = .text(text)
        } else if !order.isText, let bits = form.n, case let number = Double(bitPattern: bits), number.isFinite {
            sortValue = .number(number)
        } else {
            return nil
        }
        tie = Double(bitPattern: form.t)
        guard tie.isFinite else { return nil }
        number = form.r
        id = form.i
    }
}

extension TaskPlace {
    func isBefore(_ other: TaskPlace) -> Bool {
        switch (sortValue, other.sortValue) {
        case (.number(let one), .number(let two)) where one != two: one < two
        // As SQLite compares: by bytes.
        case (.text(let one), .text(let two)) where one != two: one.utf8.lexicographicallyPrecedes(two.utf8)
        default: (tie, number) < (other.tie, other.number)
        }
    }
}

extension TaskFilter.Order {
    /// Whether texts are compared.
    var isText: Bool { [.name, .state, .worker].contains(self) }
}
