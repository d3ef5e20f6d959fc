import Testing

@testable import CeleryWorker

/// Which acknowledgements go out, and how many messages stay unanswered.
struct DeliveryTrackerTests {
    /// `5*` is a `multiple` ack of tag 5, `5` a single one.
    private func acknowledgements(_ tracker: inout DeliveryTracker) -> [String] {
        var sent: [String] = []
        tracker.takeAcknowledgements { tag, multiple in sent.append(multiple ? "\(tag)*" : "\(tag)") }
        return sent
    }

    private func tracker(received count: UInt64) -> DeliveryTracker {
        var tracker = DeliveryTracker()
        for tag in 1...count { tracker.received(tag) }
        return tracker
    }

    @Test func whatIsDoneInOrderIsAcknowledgedAtOnce() {
        var tracker = tracker(received: 5)
        for tag in 1...3 as ClosedRange<UInt64> { tracker.done(tag) }
        #expect(acknowledgements(&tracker) == ["3*"])
        #expect(tracker.unanswered == 2)
        #expect(acknowledgements(&tracker) == [])
    }

    @Test func aSlowOneDoesNotHoldUpTheOthers() {
        var tracker = tracker(received: 5)
        for tag in [2, 3, 5] as [UInt64] { tracker.done(tag) }
        #expect(acknowledgements(&tracker) == ["2", "3", "5"])
        tracker.done(4)
        #expect(acknowledgements(&tracker) == ["4"])
        tracker.done(1)
        #expect(acknowledgements(&tracker) == ["1"])
        #expect(tracker.unanswered == 0)
    }

    @Test func aMultipleAckNamesATagThatIsStillUnanswered() {
        var tracker = tracker(received: 6)
        tracker.done(3)
        #expect(acknowledgements(&tracker) == ["3"])
        for tag in [1, 2, 5] as [UInt64] { tracker.done(tag) }
        // 3 was acknowledged by itself: naming it again would close the channel.
        #expect(acknowledgements(&tracker) == ["2*", "5"])
        tracker.done(4)
        #expect(acknowledgements(&tracker) == ["4"])
        tracker.done(6)
        #expect(acknowledgements(&tracker) == ["6"])
    }

    @Test func aRejectedMessageIsNotAcknowledged() {
        var tracker = tracker(received: 3)
        tracker.answered(1)
        tracker.done(2)
        tracker.done(1)
        #expect(acknowledgements(&tracker) == ["2"])
        #expect(tracker.unanswered == 1)
    }

    @Test func doneTwiceIsAcknowledgedOnce() {
        var tracker = tracker(received: 2)
        tracker.done(1)
        tracker.done(1)
        #expect(acknowledgements(&tracker) == ["1"])
        tracker.done(1)
        tracker.done(99)
        #expect(acknowledgements(&tracker) == [])
    }

    @Test func everyMessageIsAnsweredOnceInAnyOrder() {
        var generator = SplitMix(state: 7)
        var tracker = DeliveryTracker()
        var open: Set<UInt64> = []
        var received: UInt64 = 0
        for _ in 0..<5000 {
            if Bool.random(using: &generator) {
                received += 1
                tracker.received(received)
                open.insert(received)
            } else if let tag = open.randomElement(using: &generator) {
                Bool.random(using: &generator) ? tracker.done(tag) : tracker.answered(tag)
                if !acknowledge(&tracker, &open) { open.remove(tag) }
            }
        }
        #expect(tracker.unanswered == open.count)
    }

    /// Applies the acknowledgements as RabbitMQ would; false when there were none.
    private func acknowledge(_ tracker: inout DeliveryTracker, _ open: inout Set<UInt64>) -> Bool {
        var any = false
        var answered: Set<UInt64> = []
        tracker.takeAcknowledgements { tag, multiple in
            any = true
            #expect(open.contains(tag), "tag \(tag) was answered before")
            answered.insert(tag)
            if multiple { answered.formUnion(open.filter { $0 <= tag }) }
        }
        open.subtract(answered)
        return any
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
