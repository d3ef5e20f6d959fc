import Testing

@testable import Connections

struct QdrantPointTests {
    /// Made by `uuid.uuid5(uuid.UUID("5c2b0e91-7d44-4f0b-9a3e-1c68d5f2a736"), id)` in Python 3.11.
    @Test(arguments: [
        ("a", "ee3b893a-b98b-5f73-8e57-be33b927ba17"),
        ("", "58c0dde0-4baf-5805-8a15-dc9d666ac394"),
        ("😀 \"x\"", "3c6ce6d7-1f2b-5bff-bd91-f70e5bb14bab"),
        ("tenant-1-docs#7", "15e01645-8265-55c1-9d69-ab0644591a57"),
    ])
    func idsAreVersionFiveUUIDs(id: String, uuid: String) {
        #expect(QdrantPoint.uuid(of: id) == uuid)
    }
}
