package io.tlsfleet.tls.fingerprint;

/** What carried a hello; JA4 begins with its letter. */
public enum Transport {
    TCP('t', "tcp"),
    QUIC('q', "quic"),
    DTLS('d', "dtls");

    private final char letter;
    private final String word;

    Transport(char letter, String word) {
        this.letter = letter;
        this.word = word;
    }

    public char letter() {
        return letter;
    }

    public String word() {
        return word;
    }

    public static Transport named(String word) {
        for (Transport transport : values()) {
            if (transport.word.equals(word)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("transport '" + word + "' is none of tcp, quic, dtls");
    }
}
