/// The weights of a model, or what is known of them.
package struct ModelWeights: Sendable, Hashable {
    package struct Info: Sendable, Hashable {
        package var model: String
        /// Larger after each change.
        package var version: Int
        package var bytes: Int
    }

    package var info: Info
    package var data: [UInt8]
}
