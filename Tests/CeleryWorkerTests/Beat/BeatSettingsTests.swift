import CeleryProtocol
import Foundation
import Testing

@testable import CeleryWorker

@Suite("Settings: beat")
struct BeatSettingsTests {
    private func entries(_ yaml: String) throws -> [BeatEntry] { try configuration(yaml).beat.entries }

    @Test("Everything that can be said")
    func all() throws {
        let beat = try configuration(
            """
            beat:
              timezone: Europe/Berlin
              lock_ttl: 5
              max_interval: 1s
              key_prefix: "mine:"
              cron_starting_deadline: 1h
              entries:
                ping: {task: system.health.ping, schedule: 30s, catch_up: skip}
                weekly:
                  task: reports.weekly
                  schedule: {crontab: "0 4 * * mon"}
                  timezone: Asia/Tokyo
                  args: [1, two, {three: 3.5}]
                  kwargs: {x: null, day: 2026-01-02}
                  options: {queue: slow, expires: 12h, priority: 3}
                  queue: fast
                  headers: {tenant: 7}
                  soft_time_limit: 5
                  time_limit: 10
                  ignore_result: true
                  serializer: msgpack
                  enabled: false
                  catch_up: all
                  catch_up_limit: 7
                light: {task: lamps.on, schedule: {solar: {event: sunset, latitude: 52.5, longitude: 13.4}}}
                map: {task: m, schedule: {crontab: {minute: "*/15", hour: [8, 12], day_of_week: mon-fri}}}
                days: {task: d, schedule: {every: 2d}, relative: true}
            """
        ).beat
        #expect(
            beat.zone.identifier == "Europe/Berlin" && beat.lockTTL == .seconds(5) && beat.maxInterval == .seconds(1)
        )
        #expect(beat.keyPrefix == "mine:" && beat.cronStartingDeadline == .seconds(3600))
        #expect(beat.entries.map(\.name) == ["ping", "weekly", "light", "map", "days"])
        #expect(
            beat.entries.map { "\($0.schedule)" } == [
                "every 30s", "crontab 0 4 * * mon", "sunset at 52.5 13.4", "crontab */15 8,12 * * mon-fri",
                "every 2d (relative)",
            ]
        )
        let weekly = beat.entries[1]
        #expect(weekly.zone.identifier == "Asia/Tokyo" && beat.entries[0].zone == beat.zone)
        #expect(weekly.args == [1, "two", ["three": 3.5]])
        #expect(weekly.kwargs == ["x": nil, "day": .date("2026-01-02")])
        #expect(weekly.options.queue == "fast" && weekly.options.priority == 3)
        #expect(weekly.options.expires == .seconds(43_200) && weekly.options.headers == ["tenant": 7])
        #expect(weekly.options.softTimeLimit == .seconds(5) && weekly.options.hardTimeLimit == .seconds(10))
        #expect(weekly.options.ignoreResult == true && weekly.options.serializer == .msgpack)
        #expect(!weekly.isEnabled && weekly.catchUp == .all && weekly.catchUpLimit == 7)
        #expect(beat.entries[0].catchUp == .skip && beat.entries[0].isEnabled && beat.entries[2].catchUp == .once)
    }

    @Test(
        "One wrong setting, one line",
        arguments: [
            (
                "{tasks: {}}",
                "tasks: unknown key; known: entries, timezone, lock_ttl, max_interval, key_prefix, cron_starting_deadline"
            ),
            (
                "{timezone: Europe/Berln}",
                "timezone: unknown time zone \"Europe/Berln\"; did you mean \"Europe/Berlin\"?"
            ),
            ("{lock_ttl: 0}", "lock_ttl: must be from 1s to 10m, not \"0\""),
            ("{entries: {a: {schedule: 3}}}", "entries.a.task: needs the name of a task, e.g. reports.daily"),
            ("{entries: {a: {task: t, schedule: 0}}}", "entries.a.schedule: must be from 100ms to 3650d, not \"0\""),
            (
                "{entries: {a: {task: t}}}",
                "entries.a.schedule: needs a schedule, e.g. 30s, {crontab: \"0 4 * * mon\"} or {solar: {event: sunset, …}}"
            ),
            (
                "{entries: {a: {task: t, schedule: {every: 1, crontab: x}}}}",
                "entries.a.schedule: must have one of every, crontab and solar, e.g. 30s, {crontab: \"0 4 * * mon\"} "
                    + "or {solar: {event: sunset, …}}"
            ),
            (
                "{entries: {a: {task: t, schedule: {crontab: \"61 * * * *\"}}}}",
                "entries.a.schedule.crontab: minute: \"61\" is not within 0 to 59"
            ),
            (
                "{entries: {a: {task: t, schedule: {crontab: {minutes: 1}}}}}",
                "entries.a.schedule.crontab.minutes: unknown key; did you mean \"minute\"?"
            ),
            (
                "{entries: {a: {task: t, schedule: {solar: {event: sunst, latitude: 1, longitude: 2}}}}}",
                "entries.a.schedule.solar.event: must be dawn_astronomical or dawn_nautical or dawn_civil or sunrise or "
                    + "solar_noon or sunset or dusk_civil or dusk_nautical or dusk_astronomical, not \"sunst\"; did you "
                    + "mean \"sunset\"?"
            ),
            (
                "{entries: {a: {task: t, schedule: {solar: {event: sunset, latitude: 91, longitude: 2}}}}}",
                "entries.a.schedule.solar.latitude: must be degrees from -90 to 90, not \"91\""
            ),
            ("{entries: {a: {task: t, schedule: 3, args: 5}}}", "entries.a.args: must be a list, e.g. [1, two]"),
            ("{entries: {a: {task: t, schedule: 3, kwargs: [5]}}}", "entries.a.kwargs: must be a map, e.g. {x: 1}"),
            ("{entries: {a: {task: t, schedule: 3, kwargs: {b: 1, b: 2}}}}", "entries.a.kwargs: duplicate key \"b\""),
            (
                "{entries: {a: {task: t, schedule: 3, catch_up: twice}}}",
                "entries.a.catch_up: must be skip or once or all, not \"twice\""
            ),
            (
                "{entries: {a: {task: t, schedule: {crontab: \"* * * * *\"}, relative: true}}}",
                "entries.a.relative: is for intervals only"
            ),
            (
                "{entries: {a: {task: t, schedule: 3, priorty: 3}}}",
                "entries.a.priorty: unknown key; did you mean \"priority\"?"
            ),
            (
                "{entries: {a: {task: t, schedule: 3, options: {exchange: 3}}}}",
                "entries.a.options.exchange: unknown key; known: "
                    + "queue, expires, countdown, priority, soft_time_limit, time_limit, ignore_result, headers, serializer, shadow"
            ),
        ]
    )
    func wrong(yaml: String, message: String) {
        #expect(problems("worker: {}\nbeat: \(yaml)") == ["queues.yaml:2: beat.\(message)"])
    }

    @Test("Lines are those of the value")
    func lines() {
        let yaml = """
            beat:
              entries:
                a:
                  task: t
                  schedule:
                    crontab:
                      minute: 5
                      hour: 25
            """
        #expect(
            problems(yaml) == ["queues.yaml:6: beat.entries.a.schedule.crontab: hour: \"25\" is not within 0 to 23"]
        )
    }

    @Test("The environment wins over the file")
    func environment() throws {
        let yaml = "beat: {entries: {a: {task: t, schedule: 3}}}"
        let beat = try configuration(
            yaml,
            environment: ["CHARD_BEAT_ENTRIES_A_ENABLED": "false", "CHARD_BEAT_TIMEZONE": "Asia/Tokyo"]
        ).beat
        #expect(beat.zone.identifier == "Asia/Tokyo" && beat.entries.map(\.isEnabled) == [false])
    }

    @Test("No Redis, no beat")
    func noRedis() throws {
        let celery = Celery(configuration: WorkerConfiguration())
        defer { celery.close() }
        #expect(throws: BeatError.self) { try Beat(celery) }
        _ = try Beat(celery, isSingle: true)
    }
}
