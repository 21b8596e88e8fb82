package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;

/** Telnet's START_TLS option, 46 (draft-altman-telnet-starttls): WILL, DO, and FOLLOWS both ways; other options and text are passed over. */
final class TelnetDialogue implements Dialogue {
    private static final int IAC = 255;
    private static final int DONT = 254;
    private static final int DO = 253;
    private static final int WONT = 252;
    private static final int WILL = 251;
    private static final int SB = 250;
    private static final int SE = 240;
    private static final int START_TLS = 46;
    private static final int FOLLOWS = 1;
    private static final byte[] ANSWER = {(byte) IAC, (byte) SB, START_TLS, FOLLOWS, (byte) IAC, (byte) SE};
    private static final int MAX_SUBNEGOTIATION = 1024;

    private boolean agreed;

    /** A server that has never heard of the option has to say DONT. */
    @Override
    public byte[] opening() {
        return new byte[] {(byte) IAC, (byte) WILL, START_TLS};
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        while (in.size() > 0) {
            if (in.at(0) != IAC) {
                in.skip(1);
                continue;
            }
            if (in.size() < 3) {
                return Move.WAIT;
            }
            int command = in.at(1);
            int option = in.at(2);
            if (command == SB) {
                int end = subnegotiationEnd(in);
                if (end < 0) {
                    return Move.WAIT;
                }
                boolean follows = option == START_TLS && in.at(3) == FOLLOWS;
                in.skip(end);
                if (follows && agreed) {
                    return new Move.Ready(new byte[0]);
                }
            } else if (command >= WILL) {
                in.skip(3);
                if (option == START_TLS && (command == DONT || command == WONT)) {
                    return new Move.No("the server declines START_TLS");
                }
                if (option == START_TLS && !agreed && (command == DO || command == WILL)) {
                    agreed = true;
                    return new Move.Say(ANSWER);
                }
            } else {
                in.skip(2);
            }
        }
        return Move.WAIT;
    }

    private static int subnegotiationEnd(Incoming in) throws MalformedMessage {
        for (int i = 3; i + 1 < in.size(); i++) {
            if (in.at(i) == IAC && in.at(i + 1) == SE) {
                return i + 2;
            }
        }
        if (in.size() > MAX_SUBNEGOTIATION) {
            throw new MalformedMessage("starttls: a telnet subnegotiation without end");
        }
        return -1;
    }
}
