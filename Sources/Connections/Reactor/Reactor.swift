import CRabbitMQ
import Foundation
import Glibc
import Synchronization

/// One thread that owns a few connections and waits for all of them at once.
///
/// The C libraries allow a connection to be used by one thread only; this is that thread. Its sources are made on it
/// and never leave it. Others reach a source through an inbox (a `Mutex` around an array) and `waker.wake()`.
package final class Reactor: Sendable {
    package let waker: Waker
    private let stopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)
    private let isOver = Atomic<Bool>(false)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: The thread's name, at most 15 bytes are shown by the system.
    ///   - waker: What wakes it; given when others need it earlier.
    ///   - makeSources: Makes the sources, on the new thread. Their turns are taken in this order.
    package init(
        name: String,
        waker: Waker = Waker(),
        makeSources: @escaping @Sendable (Waker) -> [any ReactorSource]
    ) {
        self.waker = waker
        let thread = Thread { [waker, self] in
            ThreadName.set(name)
            self.run(makeSources(waker))
            self.isOver.store(true, ordering: .releasing)
            self.ended.signal()
        }
        // librabbitmq decodes nested header tables by recursion; a frame of 128 KiB can nest 20,000 deep.
        thread.stackSize = 64 << 20
        thread.start()
    }

    /// Asks the thread to close its sources and end; returns at once.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        waker.wake()
    }

    /// Waits until the thread has ended. Blocks the calling thread: not for use in a Swift task.
    ///
    /// - Returns: Whether it ended within `limit`.
    @discardableResult
    package func join(for limit: Duration) -> Bool {
        let result = ended.wait(timeout: .now() + .nanoseconds(Int(limit.nanoseconds)))
        if result == .success { ended.signal() }
        return result == .success
    }

    /// Whether the thread has closed its sources and ended.
    package var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    private func run(_ sources: [any ReactorSource]) {
        var events = [ReactorEvents](repeating: [], count: sources.count)
        var descriptors: [pollfd] = []
        var owners: [Int] = []
        while !stopping.load(ordering: .acquiring) {
            waker.beginTurn()
            let now = MonotonicTime.now
            var deadline = MonotonicTime.distantFuture
            for (index, source) in sources.enumerated() {
                deadline = min(deadline, source.turn(now: now, ready: events[index]))
                events[index] = []
            }
            guard waker.beginPolling() else { continue }
            if let nap = sources.lazy.map(\.napsUntil).max(), nap > now {
                sleep(until: min(nap, deadline))
                deadline = now
            }
            collectInterests(of: sources, into: &descriptors, owners: &owners)
            poll(&descriptors, until: deadline)
            for (position, owner) in owners.enumerated() {
                events[owner] = ReactorEvents(poll: descriptors[position + 1].revents)
            }
        }
        for source in sources { source.shutDown() }
    }

    private func collectInterests(
        of sources: [any ReactorSource],
        into descriptors: inout [pollfd],
        owners: inout [Int]
    ) {
        descriptors.removeAll(keepingCapacity: true)
        owners.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
        for (index, source) in sources.enumerated() {
            guard let interest = source.interest else { continue }
            descriptors.append(pollfd(fd: interest.descriptor, events: interest.events.poll, revents: 0))
            owners.append(index)
        }
    }

    /// Waits for the time or for a call of `wake`, whatever the connections bring meanwhile.
    private func sleep(until time: MonotonicTime) {
        var descriptors = [pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)]
        poll(&descriptors, until: time)
    }

    private func poll(_ descriptors: inout [pollfd], until deadline: MonotonicTime) {
        var limit: Int64 = -1
        if deadline != .distantFuture {
            limit = max(0, deadline.nanoseconds(since: .now))
        }
        if chard_poll(&descriptors, nfds_t(descriptors.count), limit) < 0 {
            // EINTR: nothing is known of any descriptor, so nothing is reported.
            for index in descriptors.indices { descriptors[index].revents = 0 }
        }
        if descriptors[0].revents != 0 { waker.drain() }
    }
}

extension ReactorEvents {
    fileprivate init(poll flags: Int16) {
        var events: ReactorEvents = []
        if flags & Int16(POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0 { events.insert(.read) }
        if flags & Int16(POLLOUT) != 0 { events.insert(.write) }
        self = events
    }

    fileprivate var poll: Int16 {
        Int16(contains(.read) ? POLLIN : 0) | Int16(contains(.write) ? POLLOUT : 0)
    }
}
