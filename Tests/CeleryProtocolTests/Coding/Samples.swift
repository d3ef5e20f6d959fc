import Foundation

@testable import CeleryProtocol

/// Types of many shapes, for the tests of the coders.
enum Samples {
    struct Add: Codable, Equatable {
        var x: Int
        var y: Int
    }

    struct Scale: Codable, Equatable {
        var x: Int
        var factor: Int?
    }

    struct Nothing: Codable, Equatable {}

    struct One: Codable, Equatable {
        var x: Int
    }

    struct Many: Codable, Equatable {
        var a: Int
        var b: Int
        var c: Int
        var d: Int?
    }

    struct Words: Codable, Equatable {
        var first: String?
        var second: String?
    }

    enum Color: String, Codable, CaseIterable {
        case red
        case green
    }

    enum Shape: Codable, Equatable {
        case circle(radius: Double)
        case square(Int)
        case point
    }

    struct Box: Codable, Equatable {
        var name: String
        var size: Double
        var tags: [String]
        var inner: [Add]
        var color: Color?
    }

    /// One property of every basic type.
    struct Everything: Codable, Equatable {
        var int: Int
        var small: Int8
        var wide: UInt64
        var huge: Int128?
        var float: Float
        var double: Double
        var bool: Bool
        var text: String
        var ints: [Int]
        var table: [String: Int]
        var numbered: [Int: String]?
        var box: Box?
        var shape: Shape?
        var date: Date?
        var data: Data?
        var bytes: [UInt8]?
        var uuid: UUID?
        var decimal: Decimal?
        var url: URL?
        var any: CeleryValue?
        var map: CeleryMap?
    }

    /// Tries one type after the other, as hand-written unions do.
    enum Either: Codable, Equatable {
        case number(Int)
        case text(String)
        case box(Box)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let box = try? container.decode(Box.self) {
                self = .box(box)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            case .box(let value): try container.encode(value)
            }
        }
    }

    /// Takes Python's `*args`.
    struct Sum: Decodable, Equatable {
        var numbers: [Int]

        init(from decoder: any Decoder) throws {
            numbers = try decoder.singleValueContainer().decode([Int].self)
        }
    }

    /// Reads two elements and no more.
    struct Pair: Decodable, Equatable {
        var first: Int
        var second: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            first = try container.decode(Int.self)
            second = try container.decode(String.self)
        }
    }

    /// A tree, whose depth is the sender's to choose.
    struct Tree: Codable, Equatable {
        var children: [Tree]
    }

    class Base: Codable {
        var x: Int

        init(x: Int) { self.x = x }
    }

    final class Derived: Base {
        var y: Int

        init(x: Int, y: Int) {
            self.y = y
            super.init(x: x)
        }

        private enum CodingKeys: CodingKey { case y }

        required init(from decoder: any Decoder) throws {
            y = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .y)
            try super.init(from: decoder)
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(y, forKey: .y)
            try super.encode(to: encoder)
        }
    }

    struct Invalid: Error, Equatable {}

    /// Validates in its own words.
    struct Positive: Decodable {
        var x: Int

        private enum CodingKeys: CodingKey { case x }

        init(from decoder: any Decoder) throws {
            x = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .x)
            guard x > 0 else { throw Invalid() }
        }
    }

    /// Supplies a default of its own and looks before it asks.
    struct Defaulted: Decodable, Equatable {
        var x: Int
        var y: Int

        private enum CodingKeys: CodingKey { case x, y }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            x = try container.decode(Int.self, forKey: .x)
            y = container.contains(.y) ? try container.decode(Int.self, forKey: .y) : 5
        }
    }
}
