/// No lock at all, for the only beat there is (`--no-lock`).
struct SingleBeatLock: BeatLock {
    func acquire() -> BeatLockAttempt {
        .held(BeatLease(token: "single", fence: 1, validUntil: .now + .seconds(10 * 365 * 86_400)))
    }

    func renew(_ lease: BeatLease) -> BeatLease? { lease }

    func release(_ lease: BeatLease) {}
}
