extension JSONOutput {
    /// Another piece, which is JSON already.
    package mutating func raw(_ piece: JSONOutput) { append(piece.bytes) }
}
