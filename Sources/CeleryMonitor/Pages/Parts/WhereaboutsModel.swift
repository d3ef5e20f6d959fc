/// Where a task is that has not run, and who says so: the partial `whereabouts.html`.
struct WhereaboutsModel: Sendable {
    struct Line: Sendable {
        var evidenceSource: String
        var evidenceText: String
    }

    var whereText: String
    var evidence: [Line]

    init(_ whereabouts: Whereabouts) {
        whereText = whereabouts.verdict
        evidence = whereabouts.evidence.map { Line(evidenceSource: $0.source, evidenceText: $0.text) }
    }
}
