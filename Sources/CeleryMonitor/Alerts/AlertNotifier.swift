/// A way to tell people. One is one type in AlertNotifiers/ and a line in `AlertPost`.
protocol AlertNotifier: Sendable {
    /// `webhook`, `slack`, `email`.
    var name: String { get }
    /// Where it goes, without any secret, for the page.
    var destination: String { get }

    /// Returns when it was taken.
    ///
    /// - Throws: `AlertDeliveryError`.
    func send(_ notice: AlertNotice) async throws
}

/// Why nobody could be told; one line without secrets.
struct AlertDeliveryError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String
    /// Trying again is of no use.
    var isFinal = false

    init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}
