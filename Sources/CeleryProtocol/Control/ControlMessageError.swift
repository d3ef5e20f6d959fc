/// A message of remote control that can't be read.
public struct ControlMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
