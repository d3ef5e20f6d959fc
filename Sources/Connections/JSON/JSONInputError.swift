/// An answer that is not the JSON it should be.
package struct JSONInputError: Error, Sendable, CustomStringConvertible {
    let offset: Int
    let expected: String

    package var description: String { "expected \(expected) at byte \(offset) of the answer" }
}
