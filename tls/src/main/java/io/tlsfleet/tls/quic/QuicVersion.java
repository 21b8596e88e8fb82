package io.tlsfleet.tls.quic;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** A version whose Initial packets can be opened: its number, salt, label and the two bits that mean Initial. */
public enum QuicVersion {
    /** RFC 9001 section 5.2. */
    V1(0x00000001, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic ", 0),
    /** RFC 9369 section 3.3. */
    V2(0x6b3343cf, "0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2 ", 1),
    DRAFT_29(0xff00001d, "afbfec289993d24c9e9786f19c6111e04390a899", "quic ", 0),
    DRAFT_28(0xff00001c, "c3eef712c72ebb5a11a7d2432bb46365bef9f502", "quic ", 0),
    DRAFT_27(0xff00001b, "c3eef712c72ebb5a11a7d2432bb46365bef9f502", "quic ", 0);

    private final int number;
    private final String salt;
    private final String label;
    private final int initialType;

    QuicVersion(int number, String salt, String label, int initialType) {
        this.number = number;
        this.salt = salt;
        this.label = label;
        this.initialType = initialType;
    }

    public static Optional<QuicVersion> numbered(int number) {
        return Arrays.stream(values()).filter(v -> v.number == number).findFirst();
    }

    public int number() {
        return number;
    }

    byte[] salt() {
        return HexFormat.of().parseHex(salt);
    }

    String label(String name) {
        return label + name;
    }

    int initialType() {
        return initialType;
    }
}
