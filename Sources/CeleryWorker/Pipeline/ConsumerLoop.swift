import CeleryProtocol
import Connections
import DequeModule
import Logging
import Synchronization

/// The worker's side on the thread that owns its connections.
///
/// Deliveries go from here to the runners in batches; what they have done comes back through the outbox, is stored with
/// one write, and acknowledged when Redis has answered. Nothing here waits for user code, so heartbeats and
/// acknowledgements never do. The order of a turn: read deliveries, send results, answer the broker, look after the
/// runners.
final class ConsumerLoop: ReactorSource {
    /// What others ask of the loop.
    enum Request: Sendable {
        /// Stop consuming and give back what has not started; called with how many that were.
        case drain(@Sendable (Int) -> Void)
        /// Give a delivery back to its queue.
        case giveBack(lane: Int, epoch: Int, tag: UInt64)
        case consume(Lane)
        case cancelConsumer(Lane)
        case changePrefetch(Lane)
        /// Hand a partition over as soon as what runs of it has ended.
        case release(Lane)
        /// A delivery of a partition that is handed over will not start here.
        case setAside(lane: Int, epoch: Int)
        /// Consume or not, as the lane's slots allow.
        case adjust(Lane)
    }

    private enum Pace {
        /// How long the thread naps at most after a batch, so that the next one is larger.
        static let longestNap: Int64 = 500_000
        /// From how many deliveries on a batch is followed by a nap: a trickle is answered at once.
        static let napBatch = 4
        /// How often the outbox is looked at while something is in flight; doubled with each look in vain up to `slow`.
        static let quick: Int64 = 1_000_000
        static let slow: Int64 = 50_000_000
        /// How long work may wait before another runner is added.
        static let relief: Int64 = 4_000_000
        /// How long a message waits for a slot before monitors hear of it.
        static let announcement: Int64 = 25_000_000
    }

    let core: WorkerCore
    let session: AMQPSession
    let redis: RedisConnection?
    var trackers: [DeliveryTracker]
    /// Lanes whose channel is open, and whether a consumer is on it.
    var channels: [Int: Bool] = [:]
    var isDraining = false
    var releases = PartitionReleases()
    private var storing: [UInt64: Outbox.Batch] = [:]
    /// Batches that Redis refused or lost, in order, to be sent again.
    private var again: Deque<Outbox.Batch> = []
    private var againAt = MonotonicTime.distantFuture
    private var nextToken: UInt64 = 1
    private var nextLook: Int64 = Pace.quick
    private var nextRelief = MonotonicTime(nanoseconds: 0)
    private var nextLimitCheck = MonotonicTime(nanoseconds: 0)
    private var nextAnnouncement = MonotonicTime(nanoseconds: 0)
    var watch = ConsumptionWatch()
    private var autoscale = AutoscaleWatch()
    private(set) var napsUntil = MonotonicTime(nanoseconds: 0)

    init(core: WorkerCore, session: AMQPSession, redis: RedisConnection?) {
        self.core = core
        self.session = session
        self.redis = redis
        trackers = core.lanes.map { _ in DeliveryTracker() }
        session.delegate = self
        redis?.handler = { [unowned self] reply in stored(reply) }
        redis?.onStateChange = { [logger = core.logger] state in
            switch state {
            case .starting, .down(.closed): break
            case .ready: logger.info("connected to the result backend")
            case .down(let error):
                logger.error("the result backend is away: \(error); results wait and are stored later")
            }
        }
    }

    var interest: ReactorInterest? { session.interest }

    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime {
        if now >= napsUntil { core.outbox.isPaced.store(false, ordering: .relaxed) }
        for request in core.takeRequests() { carryOut(request) }
        var deadline = session.turn(now: now, ready: ready)
        let hasSent = send(now)
        answer()
        if releases.isBusy { deadline = min(deadline, handOver(now)) }
        core.isSettled.store(storing.isEmpty && again.isEmpty, ordering: .releasing)
        deadline = min(deadline, watch.turn(now, self), autoscale.turn(now, core))
        return min(deadline, lookAfterRunners(now, isBusy: hasSent || ready.contains(.read)))
    }

    func shutDown() { session.close() }

    var unanswered: Int { trackers.reduce(0) { $0 + $1.unanswered } }

    // MARK: Results

    /// Sends what the runners have put into the outbox. Returns whether there was anything.
    private func send(_ now: MonotonicTime) -> Bool {
        if now >= againAt { sendAgain() }
        core.isSettled.store(false, ordering: .releasing)
        guard let batch = core.outbox.take() else { return false }
        guard let redis, batch.replies > 0 else {
            answered(batch)
            return true
        }
        store(batch, redis)
        redis.flush()
        return true
    }

    private func store(_ batch: Outbox.Batch, _ redis: RedisConnection) {
        let token = nextToken
        nextToken += 1
        storing[token] = batch
        redis.append(batch.commands, replies: batch.replies, token: token)
    }

    private func stored(_ reply: RedisBatchReply) {
        guard let batch = storing.removeValue(forKey: reply.token) else { return }
        switch reply.outcome {
        case .lost:
            // Storing twice does no harm, so nothing needs to be known of what arrived.
            retry(batch, after: .zero)
        case .answered where reply.firstError != nil:
            core.logger.error(
                "storing results: Redis said \(reply.firstError?.description ?? ""); trying again until it takes them"
            )
            retry(batch, after: .seconds(1))
        case .answered where reply.nullCount > 0:
            storeGuarded(batch)
        case .answered:
            answered(batch)
        }
    }

    /// Something was stored already under an id of the batch: the script decides which of them stays.
    private func storeGuarded(_ batch: Outbox.Batch) {
        guard let redis, let guarded = core.resultCommands?.guarded(batch.commands) else { return answered(batch) }
        var batch = batch
        batch.commands = guarded.commands
        batch.replies = guarded.replies
        store(batch, redis)
        redis.flush()
    }

    private func retry(_ batch: Outbox.Batch, after delay: Duration) {
        again.append(batch)
        againAt = min(againAt, MonotonicTime.now.advanced(by: delay))
    }

    private func sendAgain() {
        againAt = .distantFuture
        guard let redis else { return }
        while let batch = again.popFirst() { store(batch, redis) }
        redis.flush()
    }

    // MARK: Answers

    private func answered(_ batch: Outbox.Batch) {
        let lanes = core.lanes
        for item in batch.items where lanes[item.lane].epoch.load(ordering: .relaxed) == item.epoch {
            switch item.answer {
            case .acknowledge: trackers[item.lane].done(item.tag)
            case .requeue: reject(item.tag, lane: item.lane)
            case .none: break
            }
        }
        core.outbox.recycle(batch)
    }

    private func reject(_ tag: UInt64, lane: Int) {
        guard let connection = session.connection else { return }
        do throws(AMQPError) {
            try connection.reject(tag, requeue: true, channel: core.laneTable[lane].channel)
            trackers[lane].answered(tag)
        } catch {
            session.lose(error)
        }
    }

    /// Sends the acknowledgements that are due, all in one go.
    private func answer() {
        guard let connection = session.connection else { return }
        for lane in trackers.indices where trackers[lane].hasAcknowledgements {
            let channel = core.laneTable[lane].channel
            trackers[lane].takeAcknowledgements { tag, multiple in
                connection.acknowledge(tag, multiple: multiple, channel: channel)
            }
        }
        do throws(AMQPError) {
            try connection.flushAcknowledgements()
        } catch {
            session.lose(error)
        }
    }

    // MARK: Runners

    private func lookAfterRunners(_ now: MonotonicTime, isBusy: Bool) -> MonotonicTime {
        let counts = core.runners.counts
        guard counts.running > 0 || counts.waiting > 0 || !core.outbox.isEmpty else {
            nextLook = Pace.quick
            return againAt
        }
        nextLook = isBusy ? Pace.quick : min(nextLook * 2, Pace.slow)
        var deadline = min(againAt, now.advanced(byNanoseconds: nextLook))
        if counts.waiting > 0 {
            if now >= nextRelief {
                core.runners.relieve()
                nextRelief = now.advanced(byNanoseconds: Pace.relief)
            }
            deadline = min(deadline, nextRelief)
            if core.events.isEnabled {
                if now >= nextAnnouncement {
                    core.announceWaiting()
                    nextAnnouncement = now.advanced(byNanoseconds: Pace.announcement)
                }
                deadline = min(deadline, nextAnnouncement)
            }
        }
        if now >= nextLimitCheck {
            core.checkTimeLimits(now)
            nextLimitCheck = now.advanced(byNanoseconds: Pace.slow)
        }
        return deadline
    }

    /// What costs is wake-ups, not work: under load the thread leaves its sockets alone for a moment, and then reads,
    /// stores and acknowledges more at once. The nap is short enough that a small prefetch window does not run dry
    /// meanwhile.
    func nap(after batch: AMQPDeliveryBatch) {
        guard batch.deliveries.count >= Pace.napBatch, !isDraining else { return }
        napsUntil = MonotonicTime.now.advanced(byNanoseconds: min(Pace.longestNap, Int64(core.prefetch) * 1000))
        core.outbox.isPaced.store(true, ordering: .relaxed)
    }
}
