import CeleryProtocol
import OrderedCollections

/// `conf`: the settings under Celery's names, secrets masked.
struct ConfigurationCommand: ControlCommand {
    static let names = ["conf", "dump_conf"]

    /// Whether to list the settings too that have no meaning here, with Celery's defaults.
    var withDefaults: CeleryValue?

    private enum CodingKeys: String, CodingKey {
        case withDefaults = "with_defaults"
    }

    func run(on core: WorkerCore) -> CeleryValue? {
        let own = CelerySettings.map(core.configuration)
        guard withDefaults?.isTrue == true else { return .map(CelerySettings.masked(own)) }
        return .map(CelerySettings.masked(CeleryDefaults.settings.merging(own) { $1 }))
    }
}
