import CeleryWorker

/// How the monitor runs (`monitor:` in queues.yaml).
package struct MonitorSettings: SettingsSection {
    package static let key = ConfigKey("monitor", "The web monitor.", isScalar: false)
    package static let known: [ConfigKey]? = ConfigKeys.Monitor.all

    package var address = "127.0.0.1"
    package var port = 5555
    /// In front of every path, without a slash at its end; empty or as in `/chard`.
    package var urlPrefix = ""
    /// Where `pages/`, `style.css` and the scripts are; nil: found by `WebAssets`.
    package var assets: String?
    /// Nothing can be changed through it.
    package var isReadOnly = false
    /// The history's file; `:memory:` keeps none.
    package var history = ".chard/monitor.sqlite"
    /// Tasks that are kept at most.
    package var maxTasks = 1_000_000
    /// How long tasks are kept.
    package var maxAge = Duration.seconds(14 * 86_400)
    /// Bytes of one text that are kept.
    package var maxText = 8192
    /// Between two questions to the broker.
    var brokerInterval = Duration.seconds(5)
    /// Workers are asked to tell of their tasks.
    package var enablesEvents = true
    /// Workers of which nothing was heard for so long are forgotten.
    package var forgetWorkersAfter = Duration.seconds(86_400)
    /// What people are told about, and how.
    package var alerts = AlertSettings()
    /// Names of arguments whose values nobody sees; `*` stands for any characters.
    package var redactedFields = Self.usualSecrets

    /// Names by which browsers may ask for it, beside `localhost` and addresses.
    package var hosts: Set<String> = []
    var access = AccessSettings()

    /// Not `*token*`, which would hide how many tokens a model has used; not `*ssn*`, which is in `className`.
    package static let usualSecrets = [
        "*password*", "*passwd*", "*passphrase*", "pwd", "*_pwd", "*secret*", "*token", "*token_value", "*api_key*",
        "*apikey*", "*authorization*", "*credential*", "*private_key*", "*privatekey*", "*access_key*", "*accesskey*",
        "*cookie*", "sessionid", "*session_id", "jwt", "*_jwt", "*card_number*", "*cardnumber*", "cvv", "*_cvv", "cvc",
        "*_cvc", "ssn", "*_ssn", "ssn_*",
    ]

    package init() {}

    package init(reading reader: SettingsReader) {
        let keys = ConfigKeys.Monitor.self
        address = reader.text(keys.address)?.text ?? address
        port = reader.integer(keys.port, in: 0...65535) ?? port
        urlPrefix = reader.text(keys.urlPrefix).map { Self.prefix($0.text) } ?? urlPrefix
        assets = reader.text(keys.assets)?.text
        isReadOnly = reader.flag(keys.readOnly) ?? isReadOnly
        history = reader.text(keys.history)?.text ?? history
        maxTasks = reader.integer(keys.maxTasks, in: 100...1_000_000_000) ?? maxTasks
        maxAge = reader.duration(keys.maxAge, in: .seconds(60) ... .seconds(315_360_000)) ?? maxAge
        maxText = reader.size(keys.maxText, in: 64...(16 << 20)) ?? maxText
        brokerInterval =
            reader.duration(keys.brokerInterval, in: .milliseconds(100) ... .seconds(600)) ?? brokerInterval
        enablesEvents = reader.flag(keys.enableEvents) ?? enablesEvents
        forgetWorkersAfter =
            reader.duration(keys.forgetWorkersAfter, in: .seconds(10) ... .seconds(315_360_000)) ?? forgetWorkersAfter
        hosts = Set(reader.values(keys.hosts)?.map { $0.text.lowercased() } ?? [])
        access = AccessSettings(reading: reader.section(keys.access, known: ConfigKeys.Access.all))
        alerts = AlertSettings(
            reading: reader.section(ConfigKeys.Alerts.section, known: ConfigKeys.Alerts.all)
        )
        if let fields = reader.values(keys.redact)?.map(\.text) { redactedFields = fields.filter { !$0.isEmpty } }
    }

    package static func prefix(_ text: String) -> String {
        let path = text.split(separator: "/").joined(separator: "/")
        return path.isEmpty ? "" : "/\(path)"
    }
}
