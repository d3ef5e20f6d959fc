import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// The worker's side of remote control, events and its neighbours, as the rest of the worker sees it.
///
/// All of it lives on one thread with a connection of its own (``ControlLoop``), so that no task, no Redis and no
/// unfinished acknowledgement ever delays an answer or a heartbeat.
final class ControlPlane: Sendable {
    /// What others ask of the thread.
    enum Request: Sendable {
        /// Send a worker event.
        case event(String, CeleryMap)
        case election(id: String, topic: String, action: CeleryValue)
    }

    let waker = Waker()
    /// Whether requests reach the worker now.
    let isListening = Atomic<Bool>(false)
    private let requests = Mutex<[Request]>([])
    private let reactor = Mutex<Reactor?>(nil)

    /// Starts the thread; once.
    func start(_ core: WorkerCore) {
        let configuration = core.configuration
        guard configuration.worker.needsControl else { return }
        let options = configuration.amqpOptions(name: "\(core.nodename) control")
        // The consumer's connection to the same brokers tells of ups and downs.
        var quiet = core.logger
        quiet.logLevel = max(.error, quiet.logLevel)
        let new = Reactor(name: "chard-control", waker: waker) { [quiet] _ in
            let session = AMQPSession(urls: configuration.broker.urls, options: options, logger: quiet)
            return [ControlLoop(core: core, session: session)]
        }
        reactor.withLock { $0 = new }
    }

    /// Sends what is left, says `worker-offline`, and ends the thread; returns at once.
    func stop() { reactor.withLock { $0 }?.stop() }

    /// Whether the thread has ended, or was never started.
    var hasEnded: Bool { reactor.withLock { $0 }?.hasEnded ?? true }

    /// Whether all that may come over the wire finds somebody, as far as the settings want it.
    func isReady(_ core: WorkerCore) -> Bool {
        !core.configuration.worker.remoteControl || isListening.load(ordering: .relaxed)
    }

    func send(_ request: Request) {
        requests.withLock { $0.append(request) }
        waker.wake()
    }

    func takeRequests() -> [Request] {
        requests.withLock { requests in
            guard !requests.isEmpty else { return [] }
            defer { requests = [] }
            return requests
        }
    }
}

extension WorkerSettings {
    /// Whether there is anything for the control thread to do.
    var needsControl: Bool { remoteControl || taskEvents || heartbeat || gossip }
}
