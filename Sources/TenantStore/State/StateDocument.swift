/// One stored value and its version.
package struct StateDocument: Sendable, Hashable {
    package var name: String
    /// Larger after each change. A document that is deleted and made again gets no version that it had before.
    package var version: Int
    /// As it was given, uncompressed; by convention JSON.
    package var data: [UInt8]
}
