import Testing

@testable import Connections

/// The bytes of acknowledgements: AMQP 0-9-1 §4.2.3, and basic.ack in its §1.8.3.13.
struct AMQPAcknowledgementsTests {
    @Test func frames() {
        var acknowledgements = AMQPAcknowledgements()
        acknowledgements.append(0x0102_0304_0506_0708, multiple: true, channel: 0x0A0B)
        acknowledgements.append(1, multiple: false, channel: 1)
        #expect(
            acknowledgements.bytes == [
                1, 0x0A, 0x0B, 0, 0, 0, 13, 0, 60, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0xCE,
                1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xCE,
            ]
        )
        acknowledgements.removeAll()
        #expect(acknowledgements.bytes.isEmpty)
    }
}
