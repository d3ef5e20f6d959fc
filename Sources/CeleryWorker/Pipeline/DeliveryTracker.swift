import DequeModule

/// Which deliveries of one channel are unanswered, and how to acknowledge the others in as few frames as can be.
///
/// Tags count from 1 on each channel (AMQP 0-9-1 §1.8.3.9). What is done up to the first unfinished one is acknowledged
/// by one `multiple` ack; what is done beyond it, one by one. A `multiple` ack must name a tag that is still
/// unanswered, or RabbitMQ closes the channel.
struct DeliveryTracker {
    private enum Mark: UInt8 {
        case open
        case done
        case answered
    }

    private var first: UInt64 = 1
    private var marks: Deque<Mark> = []
    private var fresh: [UInt64] = []
    /// Deliveries that the broker has not had an answer to.
    private(set) var unanswered = 0
    /// Whether anything has come since the channel was opened.
    var hasReceived: Bool { first > 1 || !marks.isEmpty }

    mutating func received(_ tag: UInt64) {
        // A gap cannot be: the broker numbers without one. Were there one, the missing tags are not ours to answer.
        while first + UInt64(marks.count) < tag { marks.append(.answered) }
        guard first + UInt64(marks.count) == tag else { return }
        marks.append(.open)
        unanswered += 1
    }

    /// The delivery is to be acknowledged.
    mutating func done(_ tag: UInt64) {
        guard let index = index(of: tag), marks[index] == .open else { return }
        marks[index] = .done
        fresh.append(tag)
    }

    /// The delivery was answered otherwise: rejected or returned.
    mutating func answered(_ tag: UInt64) {
        guard let index = index(of: tag), marks[index] == .open else { return }
        marks[index] = .answered
        unanswered -= 1
        dropAnswered()
    }

    var hasAcknowledgements: Bool { !fresh.isEmpty }

    /// What to acknowledge now; each is counted as sent.
    mutating func takeAcknowledgements(_ send: (_ tag: UInt64, _ multiple: Bool) -> Void) {
        guard !fresh.isEmpty else { return }
        var lastDone: UInt64?
        var count = 0
        while let mark = marks.first, mark != .open {
            if mark == .done {
                lastDone = first
                count += 1
            }
            marks.removeFirst()
            first += 1
        }
        if let lastDone {
            send(lastDone, count > 1)
            unanswered -= count
        }
        for tag in fresh where tag >= first {
            send(tag, false)
            marks[Int(tag - first)] = .answered
            unanswered -= 1
        }
        fresh.removeAll(keepingCapacity: true)
    }

    private mutating func dropAnswered() {
        while marks.first == .answered {
            marks.removeFirst()
            first += 1
        }
    }

    private func index(of tag: UInt64) -> Int? {
        guard tag >= first, tag - first < UInt64(marks.count) else { return nil }
        return Int(tag - first)
    }
}
