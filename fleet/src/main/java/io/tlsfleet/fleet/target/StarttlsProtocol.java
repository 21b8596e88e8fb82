package io.tlsfleet.fleet.target;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Protocols that begin in the clear and turn to TLS, with the port each has when none is given. */
public enum StarttlsProtocol {
    SMTP(25),
    LMTP(24),
    IMAP(143),
    POP3(110),
    FTP(21),
    LDAP(389),
    POSTGRES(5432),
    MYSQL(3306),
    MARIADB(3306),
    XMPP(5222),
    XMPP_SERVER(5269),
    NNTP(119),
    SIEVE(4190),
    IRC(6667),
    RDP(3389),
    TELNET(23),
    MSSQL(1433);

    private final int defaultPort;

    StarttlsProtocol(int defaultPort) {
        this.defaultPort = defaultPort;
    }

    /** As in targets and reports: {@code xmpp-server}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public int defaultPort() {
        return defaultPort;
    }

    public static Optional<StarttlsProtocol> named(String word) {
        return Arrays.stream(values()).filter(p -> p.word().equals(word)).findFirst();
    }

    /** All words, for messages and help. */
    public static String words() {
        return Arrays.stream(values()).map(StarttlsProtocol::word).collect(Collectors.joining(", "));
    }
}
