import Connections

/// A single value beside a point, by which searches can be narrowed.
package typealias VectorValue = MetadataValue

/// A vector with what it stands for.
package struct VectorPoint: Sendable, Hashable {
    /// Any text that is not empty; one point of a collection has it.
    package var id: String
    package var vector: [Float]
    /// The text that the vector was made of. Empty counts as none.
    package var document: String?
    package var metadata: [String: VectorValue]

    package init(id: String, vector: [Float], document: String? = nil, metadata: [String: VectorValue] = [:]) {
        self.id = id
        self.vector = vector
        self.document = document
        self.metadata = metadata
    }
}
