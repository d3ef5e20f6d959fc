import CeleryProtocol
import OrderedCollections

/// `objgraph`: draws the references between Python objects. A worker without Python answers as one without the library.
struct ObjectGraph: ControlCommand {
    static let names = ["objgraph"]

    var num: CeleryValue?
    var maxDepth: CeleryValue?
    var type: CeleryValue?

    private enum CodingKeys: String, CodingKey {
        case num
        case maxDepth = "max_depth"
        case type
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        throw ExceptionRecord.builtin("ImportError", "Requires the objgraph library")
    }
}
