/// One large number with its label: see `.figures` of style.css, and the partial `figures.html`.
struct Figure: Sendable {
    var figureLabel: String
    var figureValue: String
    var figureUnder: String
    /// A class: nothing, `good`, `warning`, `critical`.
    var figureKind: String
    var figurePath: String?

    init(_ label: String, _ value: String, under: String = "", kind: String = "", path: String? = nil) {
        (figureLabel, figureValue, figureUnder, figureKind, figurePath) = (label, value, under, kind, path)
    }
}
