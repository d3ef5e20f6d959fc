public import OrderedCollections

/// What a task's message says is to be done after it (third part of protocol 2's body).
public struct Embed: Sendable, Hashable {
    /// Run with the result after success.
    public var callbacks: [Signature]
    /// Run after failure.
    public var errbacks: [Signature]
    /// The rest of the chain **reversed**: the next task is the last element.
    public var chain: [Signature]
    /// The body of the chord that this task is a header part of.
    public var chord: Signature?

    public init(
        callbacks: [Signature] = [],
        errbacks: [Signature] = [],
        chain: [Signature] = [],
        chord: Signature? = nil
    ) {
        self.callbacks = callbacks
        self.errbacks = errbacks
        self.chain = chain
        self.chord = chord
    }

    /// Reads the map; what is missing, null or no signature is left out. A single signature counts as a list of one.
    public init(_ map: CeleryMap) {
        callbacks = Signature.list(map["callbacks"])
        errbacks = Signature.list(map["errbacks"])
        chain = Signature.list(map["chain"])
        chord = map["chord"].flatMap { Signature(celeryValue: $0) }
    }

    public var isEmpty: Bool {
        callbacks.isEmpty && errbacks.isEmpty && chain.isEmpty && chord == nil
    }

    /// As on the wire: null where there is nothing, in Celery's order.
    public var celeryValue: CeleryValue {
        func list(_ signatures: [Signature]) -> CeleryValue {
            signatures.isEmpty ? .null : .array(signatures.map(\.celeryValue))
        }
        return .map([
            "callbacks": list(callbacks),
            "errbacks": list(errbacks),
            "chain": list(chain),
            "chord": chord?.celeryValue ?? .null,
        ])
    }
}
