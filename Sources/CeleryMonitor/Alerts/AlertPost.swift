import Foundation
import Logging
import Synchronization

/// Tells people, one queue for each notifier: retried with growing pauses, bounded, and what went wrong is remembered
/// for the page.
final class AlertPost: Sendable {
    /// Notices that wait for one notifier at most; the oldest make room.
    static let maxWaiting = 100
    /// After that long nobody wants to hear it any more, in seconds.
    static let maxAge = 3600.0

    /// How it goes with one notifier.
    struct Status: Sendable, Hashable {
        var name: String
        var destination: String
        var waiting = 0
        /// Seconds since 1970.
        var delivered: Double?
        var deliveredCount = 0
        var problem: String?
        var problemTime: Double?
        /// Notices that nobody got.
        var lost = 0
    }

    private struct Box: Sendable {
        var notices: [AlertNotice] = []
        var status: Status
    }

    private let notifiers: [any AlertNotifier]
    private let boxes: Mutex<[Box]>
    private let wakes: [AsyncStream<Void>]
    private let wakers: [AsyncStream<Void>.Continuation]
    private let firstPause: Duration
    private let logger: Logger
    private let onChange: @Sendable () -> Void

    init(
        _ notifiers: [any AlertNotifier],
        firstPause: Duration = .seconds(1),
        logger: Logger,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.notifiers = notifiers
        self.firstPause = firstPause
        self.logger = logger
        self.onChange = onChange
        boxes = Mutex(notifiers.map { Box(status: Status(name: $0.name, destination: $0.destination)) })
        let streams = notifiers.map { _ in AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)) }
        wakes = streams.map(\.stream)
        wakers = streams.map(\.continuation)
    }

    static func notifiers(_ settings: AlertSettings) -> [any AlertNotifier] {
        var notifiers: [any AlertNotifier] = []
        if let webhook = settings.webhook { notifiers.append(WebhookNotifier(settings: webhook)) }
        if let slack = settings.slack { notifiers.append(SlackNotifier(settings: slack)) }
        if let email = settings.email { notifiers.append(EmailNotifier(settings: email)) }
        return notifiers
    }

    var status: [Status] {
        boxes.withLock { boxes in
            boxes.map { box in
                var status = box.status
                status.waiting = box.notices.count
                return status
            }
        }
    }

    func tell(_ notice: AlertNotice) {
        guard !notice.isEmpty else { return }
        boxes.withLock { boxes in
            for index in boxes.indices {
                boxes[index].notices.append(notice)
                guard boxes[index].notices.count > Self.maxWaiting else { continue }
                boxes[index].notices.removeFirst()
                boxes[index].status.lost += 1
            }
        }
        for waker in wakers { waker.yield() }
    }

    /// Delivers until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for index in notifiers.indices { group.addTask { await self.run(index) } }
        }
    }

    private func run(_ index: Int) async {
        for await _ in wakes[index] {
            while let notice = boxes.withLock({ $0[index].notices.first }), !Task.isCancelled {
                await deliver(notice, index)
            }
        }
    }

    private func deliver(_ notice: AlertNotice, _ index: Int) async {
        var pause = firstPause
        while !Task.isCancelled {
            do {
                try await notifiers[index].send(notice)
                finish(notice, index, problem: nil)
                return
            } catch {
                let failure = error as? AlertDeliveryError ?? AlertDeliveryError("it failed: \(type(of: error))")
                logger.error("telling of alerts by \(notifiers[index].name): \(failure)")
                let isOver = failure.isFinal || Date().timeIntervalSince1970 - notice.time > Self.maxAge
                finish(isOver ? notice : nil, index, problem: failure.description)
                if isOver { return }
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            pause = min(pause * 2, .seconds(60))
        }
    }

    /// - Parameter notice: Done with, one way or the other; nil: it is tried again.
    private func finish(_ notice: AlertNotice?, _ index: Int, problem: String?) {
        let now = Date().timeIntervalSince1970
        boxes.withLock { boxes in
            if let notice, boxes[index].notices.first == notice { boxes[index].notices.removeFirst() }
            boxes[index].status.problem = problem
            boxes[index].status.problemTime = problem == nil ? nil : now
            if problem == nil {
                boxes[index].status.delivered = now
                boxes[index].status.deliveredCount += 1
            } else if notice != nil {
                boxes[index].status.lost += 1
            }
        }
        onChange()
    }
}
