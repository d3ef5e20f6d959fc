import Connections

/// Why something about vectors could not be done, in one line for a person. No text holds a key.
package struct VectorError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case unknownCollection(String)
        case wrongDimension(expected: Int, given: Int)
        /// NaN or infinite.
        case notFinite
        case badID
        case duplicateID
        case badName
        case badMetadata
        case badFilter
        case badLimit
        /// More, or longer, than the limits allow.
        case tooLarge
        /// The collection was made for another metric.
        case wrongMetric
        /// The store can't be reached, broke off, or does not answer in time.
        case unreachable(store: String)
        /// The store's own refusal.
        case refused(store: String)
        /// The settings lack a store, or differ from the layout in force.
        case layout
        /// A rebalance holds the collection longer than a write may wait.
        case moving(String)
        /// The state of a rebalance can't be read.
        case stateUnreachable
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// Whether the same call may succeed later without anybody changing it.
    package var isRetriable: Bool {
        switch kind {
        case .unreachable, .moving, .stateUnreachable: true
        default: false
        }
    }

    static func unknownCollection(_ name: String) -> VectorError {
        VectorError(.unknownCollection(name), "there is no collection \"\(name)\"; add points to it first")
    }

    static func wrongDimension(_ collection: String, expected: Int, given: Int) -> VectorError {
        VectorError(
            .wrongDimension(expected: expected, given: given),
            "collection \"\(collection)\" has vectors of \(expected) elements, not of \(given); were they made by "
                + "another model?"
        )
    }

    init(_ error: ServiceError, store: String) {
        switch error.code {
        case .unreachable, .timedOut, .refused(500...504), .refused(429):
            self.init(.unreachable(store: store), "vector store \(store): \(error)")
        default: self.init(.refused(store: store), "vector store \(store): \(error)")
        }
    }
}
