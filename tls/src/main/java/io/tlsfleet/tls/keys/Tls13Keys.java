package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client has once a ServerHello has been read: the secrets of the handshake, then those of the application, and what
 * each direction is opened and sealed with (RFC 8446 section 7).
 */
final class Tls13Keys {
    private final Tls13Suite suite;
    private final Tls13KeySchedule schedule;
    private final byte[] serverSecret;
    private final byte[] clientSecret;
    private Tls13RecordCipher reader;
    private int readers = 1;

    /** Of the handshake, as long as nothing has come under the keys that follow. */
    private @Nullable Tls13RecordCipher former;

    private Tls13RecordCipher writer;
    private byte[] resumptionMaster = new byte[0];

    /** @param resumed whose key the server has chosen; null: none */
    Tls13Keys(Tls13Suite suite, @Nullable SessionTicket resumed, byte[] sharedSecret, byte[] upToServerHello) {
        this.suite = suite;
        this.schedule =
                new Tls13KeySchedule(suite.hash(), Optional.ofNullable(resumed).map(SessionTicket::psk));
        schedule.handshake(sharedSecret);
        this.serverSecret = schedule.serverHandshakeTraffic(upToServerHello);
        this.clientSecret = schedule.clientHandshakeTraffic(upToServerHello);
        this.reader = new Tls13RecordCipher(suite, serverSecret);
        this.writer = new Tls13RecordCipher(suite, clientSecret);
    }

    CipherSuite suite() {
        return suite.suite();
    }

    /** mbed TLS refuses a client without a certificate under the keys of the handshake: an alert, and nothing else, counts so. */
    TlsRecord open(TlsRecord record) throws MalformedMessage {
        Tls13RecordCipher before = former;
        try {
            TlsRecord inner = reader.open(record);
            former = null;
            return inner;
        } catch (MalformedMessage e) {
            if (before == null) {
                throw e;
            }
            TlsRecord inner = before.open(record);
            if (inner.type() != TlsRecord.ALERT) {
                throw e;
            }
            return inner;
        }
    }

    byte[] seal(int type, byte[] content) {
        return writer.seal(type, content);
    }

    /** How many keys records were read with: no message may lie across a change. */
    int readers() {
        return readers;
    }

    byte[] serverFinished(byte[] upToCertificateVerify) {
        return schedule.finished(serverSecret, upToCertificateVerify);
    }

    byte[] clientFinished(byte[] upToOurs) {
        return schedule.finished(clientSecret, upToOurs);
    }

    /** The server's Finished was right; {@code reads}: what comes behind it is of interest. */
    void finished(byte[] upToServerFinished, boolean reads) {
        schedule.master();
        if (reads) {
            former = reader;
            read(new Tls13RecordCipher(suite, schedule.serverApplicationTraffic(upToServerFinished)));
        }
    }

    /** Ours is sent. Without {@code upToClientFinished} no ticket can be used. */
    void answered(byte[] upToServerFinished, byte @Nullable [] upToClientFinished) {
        writer = new Tls13RecordCipher(suite, schedule.clientApplicationTraffic(upToServerFinished));
        if (upToClientFinished != null) {
            resumptionMaster = schedule.resumptionMaster(upToClientFinished);
        }
    }

    Tls13RecordCipher earlyWriter(Tls13Hello hello) {
        return new Tls13RecordCipher(suite, hello.earlyTrafficSecret(schedule));
    }

    byte[] resumptionPsk(byte[] nonce) {
        return schedule.resumptionPsk(resumptionMaster, nonce);
    }

    void nextReader() {
        read(reader.next());
    }

    void nextWriter() {
        writer = writer.next();
    }

    private void read(Tls13RecordCipher next) {
        reader = next;
        readers++;
    }
}
