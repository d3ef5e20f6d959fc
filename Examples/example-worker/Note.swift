import CeleryWorker

/// Appends a line to a file and returns what came in; shows that a callback or an errback has run.
struct Note: CeleryTask {
    static let name = "examples.note"
    typealias Output = CeleryValue

    var value: CeleryValue
    var path: String
    var line: String
}
