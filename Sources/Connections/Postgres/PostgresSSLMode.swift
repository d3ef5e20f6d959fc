/// Whether a connection is encrypted and what is checked: libpq's `sslmode` (PostgreSQL 15 manual, §34.19).
package enum PostgresSSLMode: String, Sendable, Hashable, CaseIterable {
    case disable
    /// Encrypted only if the server insists.
    case allow
    /// Encrypted if the server can: the default. Checks no certificate.
    case prefer
    /// Always encrypted. Checks no certificate.
    case require
    /// Always encrypted; the certificate must be signed by a trusted authority.
    case verifyCA = "verify-ca"
    /// Always encrypted; the certificate must also name the host.
    case verifyFull = "verify-full"
}
