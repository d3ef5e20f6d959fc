import Foundation

/// Where the page's own files are, and the libraries that Debian packages.
struct WebAssets: Sendable {
    /// The folder `monitor`.
    let root: String
    var pages: String { root + "/pages" }

    /// Debian's libjs-chart.js.
    static let chartFolder = "/usr/share/javascript/chart.js"

    /// Finds the folder: the setting, `CHARD_MONITOR_ASSETS`, `monitor` here, beside the executable or in its share/chard, or in the
    /// checkout that it was built in.
    init(_ settings: MonitorSettings) throws {
        let executable = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        var candidates = [settings.assets].compactMap { $0 }
        if candidates.isEmpty {
            candidates = ["monitor", "\(executable.path)/monitor", "\(executable.path)/../share/chard/monitor"]
            var folder = executable
            for _ in 0..<5 {
                folder.deleteLastPathComponent()
                candidates.append("\(folder.path)/monitor")
            }
        }
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: "\($0)/pages/layout.html") })
        else {
            throw MonitorError(
                "starting the monitor: its pages are not in \(candidates[0]); name the folder with monitor.assets"
            )
        }
        root = found
    }
}

/// Why the monitor can't run, in one line for a person.
package struct MonitorError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
