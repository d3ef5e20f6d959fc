import CeleryProtocol
import Glibc

/// What events tell of the machine.
enum Machine {
    /// Hours that local time lies west of UTC now (`celery/utils/time.py` `utcoffset`).
    static var utcoffset: Double {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return -Double(local.tm_gmtoff) / 3600
    }

    /// The load averages of 1, 5 and 15 minutes, rounded up to two digits (`celery/utils/sysinfo.py`).
    static var loadAverage: CeleryValue {
        var loads = [0.0, 0.0, 0.0]
        guard getloadavg(&loads, 3) == 3 else { return [0.0, 0.0, 0.0] }
        return .array(loads.map { .double(($0 * 100).rounded(.up) / 100) })
    }
}
