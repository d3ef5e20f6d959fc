public import CeleryProtocol
public import Foundation

/// A periodic task: what is sent, and when (`beat.entries` in queues.yaml; Celery's `beat_schedule`).
public struct BeatEntry: Sendable {
    public var name: String
    public var task: String
    public var schedule: BeatSchedule
    /// Whose clock a crontab or a relative interval goes by.
    public var zone: TimeZone
    public var args: [CeleryValue] = []
    public var kwargs: CeleryMap = [:]
    public var options = SendOptions()
    public var isEnabled = true
    public var catchUp = CatchUp.once
    /// How many missed runs ``CatchUp/all`` sends at most; the newest.
    public var catchUpLimit = 100

    public init(name: String, task: String, schedule: BeatSchedule, zone: TimeZone = .gmt) {
        self.name = name
        self.task = task
        self.schedule = schedule
        self.zone = zone
    }

    /// What a run's time depends on; a change makes an entry start anew.
    var fingerprint: String { "\(schedule) \(zone.identifier)" }
}
