/// What all workers agree on about the layout.
package struct VectorLayoutState: Sendable, Hashable {
    /// By which the vectors are laid out.
    package var inForce: VectorLayout
    /// To which they are being moved.
    package var pending: VectorLayout?
    /// How long until workers begin to write by the pending layout; zero when they do already.
    package var startsIn: Duration

    package init(inForce: VectorLayout, pending: VectorLayout? = nil, startsIn: Duration = .zero) {
        self.inForce = inForce
        self.pending = pending
        self.startsIn = startsIn
    }
}
