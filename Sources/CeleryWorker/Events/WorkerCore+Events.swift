import CeleryProtocol
import Foundation

extension WorkerCore {
    /// What this worker's events begin with now; local time may change meanwhile.
    var eventFormat: EventFormat { EventFormat(nodename: nodename, pid: Int(celery.processID)) }
}

extension EventFormat {
    init(nodename: String, pid: Int) { self.init(hostname: nodename, utcoffset: Machine.utcoffset, pid: pid) }
}
