package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** MySQL and MariaDB: the server's greeting (protocol 10) says whether it can; a short SSLRequest turns to TLS without an answer. */
final class MysqlDialogue implements Dialogue {
    private static final int CLIENT_PROTOCOL_41 = 0x0200;
    private static final int CLIENT_SSL = 0x0800;
    private static final int CLIENT_SECURE_CONNECTION = 0x8000;
    private static final int HEADER = 4;
    private static final int MAX_PACKET = 16 * 1024;
    /** ER_CON_COUNT_ERROR, ER_HOST_IS_BLOCKED, ER_TOO_MANY_USER_CONNECTIONS. */
    private static final Set<Integer> FOR_NOW = Set.of(1040, 1129, 1203);

    private static final int UTF8 = 33;

    @Override
    public byte[] opening() {
        return new byte[0];
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        if (in.size() < HEADER) {
            return Move.WAIT;
        }
        int length = in.at(0) | in.at(1) << 8 | in.at(2) << 16;
        if (length == 0 || length > MAX_PACKET) {
            throw new MalformedMessage("starttls: a MySQL packet of " + length + " bytes");
        }
        if (in.size() < HEADER + length) {
            return Move.WAIT;
        }
        in.take(HEADER);
        ByteReader greeting = ByteReader.of(in.take(length));
        int version = greeting.u8("protocol version");
        if (version == 0xFF) {
            int code = greeting.u8("error code") | greeting.u8("error code") << 8;
            String said = "error " + code + " " + new String(greeting.rest(), StandardCharsets.ISO_8859_1);
            return FOR_NOW.contains(code) ? new Move.Later(said) : new Move.No(said);
        }
        if (version != 10) {
            throw new MalformedMessage("starttls: MySQL protocol " + version);
        }
        while (greeting.u8("server version") != 0) {
            // up to its zero
        }
        greeting.take(4 + 8 + 1, "thread id and scramble");
        int low = greeting.u8("capabilities");
        int capabilities = greeting.u8("capabilities") << 8 | low;
        if ((capabilities & CLIENT_SSL) == 0) {
            return new Move.No("the greeting does not offer TLS");
        }
        int ours = CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION;
        return new Move.Ready(new ByteWriter()
                .raw(new byte[] {32, 0, 0, 1})
                .u8(ours)
                .u8(ours >>> 8)
                .u16(0)
                .raw(new byte[] {0, 0, 0, 1})
                .u8(UTF8)
                .raw(new byte[23])
                .toBytes());
    }
}
