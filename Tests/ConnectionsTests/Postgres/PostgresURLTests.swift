import Testing

@testable import Connections

/// Reading `postgres://…`.
struct PostgresURLTests {
    @Test func allParts() throws {
        let url = try PostgresURL(
            "postgresql://ann:s%2Fecret@db.example:6543/my%20data?sslmode=verify-full&sslrootcert=/ca.pem"
                + "&application_name=chard&fallback=1"
        )
        #expect(url.host == "db.example" && url.port == 6543 && url.user == "ann" && url.password == "s/ecret")
        #expect(url.database == "my data" && url.sslMode == .verifyFull && url.sslRootCertificate == "/ca.pem")
        #expect(url.applicationName == "chard" && url.ignoredParameters == ["fallback"])
    }

    @Test func defaults() throws {
        let url = try PostgresURL("postgres://")
        #expect(url.host == "localhost" && url.port == 5432 && url.user == nil && url.database == nil)
        #expect(url.sslMode == .prefer && !url.isUnixSocket)
    }

    @Test(arguments: [
        "postgres://u@%2Frun%2Fpg:7/d", "postgres:///d?host=/run/pg&port=7&user=u",
        "postgres:///?dbname=d&host=/run/pg&port=7&user=u",
    ])
    func socketFolder(text: String) throws {
        let url = try PostgresURL(text)
        #expect(url.isUnixSocket && url.host == "/run/pg" && url.port == 7 && url.user == "u" && url.database == "d")
        #expect(url.endpoint == "/run/pg/.s.PGSQL.7")
        #expect(url.description == "postgres://u@%2Frun%2Fpg:7/d")
    }

    @Test(arguments: ["postgres://ann:hidden@h/d", "postgres://ann@h/d?password=hidden", "postgres://:hidden@h/d"])
    func aPasswordNeverShows(text: String) throws {
        let url = try PostgresURL(text)
        #expect(url.password == "hidden")
        var dumped = ""
        dump(["x": url], to: &dumped)
        for shown in ["\(url)", String(reflecting: url), "\([url])", dumped, "\(Optional(url) as Any)"] {
            #expect(!shown.contains("hidden"), "\(shown)")
        }
    }

    @Test(arguments: [
        ("mysql://u:hidden@h/d", "unknown scheme"), ("postgres://u:hidden@h:0/d", "port"),
        ("postgres://u:hidden@h/d?sslmode=yes", "verify-full"), ("postgres://u:hidden@a,b/d", "several hosts"),
        ("postgres://u:hid%00den@h/d", "%00"), ("postgres://u:hidden@h/d?port=x", "port"), ("hidden@h", "not a URL"),
    ])
    func whatIsWrongIsSaidWithoutThePassword(text: String, reason: String) {
        let error = #expect(throws: ConnectionURLError.self) { try PostgresURL(text) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("hid") == false)
    }

    @Test func settingsAreEscapedForTheServer() throws {
        let url = try PostgresURL("postgres://u:p@h/d")
        let options = PostgresPoolOptions(settings: ["search_path": "a, b\\c", "work_mem": "1MB"])
        let list = PostgresLoginSettings(url: url, options: options).list(addresses: ["10.0.0.1", "::1"])
        func value(_ name: String) -> [String] { list.filter { $0.name == name }.map(\.value) }
        #expect(value("options") == ["-c search_path=a,\\ b\\\\c -c work_mem=1MB"])
        #expect(value("host") == ["h,h"] && value("hostaddr") == ["10.0.0.1,::1"])
    }

    @Test func loginErrorsAreRead() {
        let refused = PostgresLoginError.read(
            "connection to server at \"::1\", port 5 failed: FATAL:  28P01: password authentication failed for user \"u\"\n"
                + "LOCATION:  auth_failed, auth.c:338\n",
            endpoint: "h:5"
        )
        #expect(refused.sqlState == "28P01" && !refused.isRetriable)
        let text =
            "PostgreSQL at h:5: the login was refused: password authentication failed for user \"u\" (SQLSTATE 28P01)"
        #expect(refused.description == text)
        let down = PostgresLoginError.read(
            "connection to server at \"h\", port 5 failed: Connection refused\n\tIs the server running on that host?\n",
            endpoint: "h:5"
        )
        #expect(down.kind == .connection && down.isRetriable)
        #expect(down.message.hasSuffix("failed: Connection refused Is the server running on that host?"))
    }
}
