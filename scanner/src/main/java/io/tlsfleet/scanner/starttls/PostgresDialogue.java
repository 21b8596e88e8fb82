package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;

/** PostgreSQL's SSLRequest: one letter comes back, S or N; a server too old for it sends an error message, E. */
final class PostgresDialogue implements Dialogue {
    @Override
    public byte[] opening() {
        return new byte[] {0, 0, 0, 8, 4, (byte) 0xD2, 0x16, 0x2F};
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        if (in.size() == 0) {
            return Move.WAIT;
        }
        int letter = in.take(1)[0];
        return switch (letter) {
            case 'S' -> new Move.Ready(new byte[0]);
            case 'N' -> new Move.No("N");
            case 'E' -> new Move.No("E" + in.text());
            default -> throw new MalformedMessage("starttls: neither S nor N");
        };
    }
}
