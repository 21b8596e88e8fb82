package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The trace of RFC 8448 section 3, replayed with its client's private key. */
class Rfc8448Test {
    private final JsonNode trace = Vectors.json("rfc8448/simple-1rtt.json");

    @Test
    void readsTheFlightAndAnswersWithTheTracesFinished() throws MalformedMessage {
        Tls13Handshake handshake = handshake();
        byte[] opening = handshake.opening();
        assertThat(Arrays.copyOfRange(opening, 5, opening.length)).isEqualTo(bytes("client_hello"));
        handshake.receive(new TlsRecord(TlsRecord.HANDSHAKE, 0x0303, bytes("server_hello")).encode());
        Turn turn = handshake.receive(bytes("server_flight_record"));

        List<TlsRecord> sent = new RecordReader().feed(turn.send());
        Tls13RecordCipher client = new Tls13RecordCipher(Tls13Suite.TLS_AES_128_GCM_SHA256, bytes("client_hs_traffic"));
        assertThat(client.open(sent.getFirst()).fragment()).isEqualTo(bytes("client_finished"));

        Tls13Result result = handshake.end(Ending.FINISHED);
        assertThat(result.reached()).isEqualTo(Tls13Result.Step.FINISHED);
        assertThat(result.messages().stream().map(m -> m.getClass().getSimpleName()))
                .containsExactly("ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished");
        assertThat(result.first(ServerMessage.CertificateVerify.class)
                        .orElseThrow()
                        .scheme()
                        .name())
                .isEqualTo("rsa_pss_rsae_sha256");
    }

    /** mbed TLS 3.6 says so that it misses a client's certificate. */
    @Test
    void readsAnAlertUnderTheKeysOfTheHandshakeBehindFinished() throws MalformedMessage {
        Tls13Handshake handshake = upToFinished();
        Turn turn = handshake.receive(server().seal(TlsRecord.ALERT, new byte[] {2, 116}));
        assertThat(turn.finished()).isTrue();
        Tls13Result result = handshake.end(Ending.FINISHED);
        assertThat(result.unintelligible()).isNull();
        assertThat(result.refusedAfterFinished()).isTrue();
        assertThat(result.alert().orElseThrow().description().name()).isEqualTo("certificate_required");
    }

    @Test
    void readsNothingElseUnderTheKeysOfTheHandshakeBehindFinished() throws MalformedMessage {
        Tls13Handshake handshake = upToFinished();
        handshake.receive(server().seal(TlsRecord.APPLICATION_DATA, new byte[] {1}));
        assertThat(handshake.end(Ending.FINISHED).unintelligible()).contains("does not open it");
    }

    private Tls13Handshake upToFinished() throws MalformedMessage {
        Tls13Handshake handshake = handshake();
        handshake.opening();
        handshake.receive(new TlsRecord(TlsRecord.HANDSHAKE, 0x0303, bytes("server_hello")).encode());
        handshake.receive(bytes("server_flight_record"));
        return handshake;
    }

    /** The server's writing of the handshake behind its flight, which was one record. */
    private Tls13RecordCipher server() {
        Tls13RecordCipher server = new Tls13RecordCipher(Tls13Suite.TLS_AES_128_GCM_SHA256, bytes("server_hs_traffic"));
        server.seal(TlsRecord.HANDSHAKE, new byte[0]);
        return server;
    }

    @Test
    void refusesAFlightWithOneBitTurned() throws MalformedMessage {
        byte[] flight = bytes("server_flight_record");
        for (int at = 5; at < flight.length; at++) {
            byte[] broken = flight.clone();
            broken[at] ^= 1;
            Tls13Handshake handshake = handshake();
            handshake.opening();
            handshake.receive(new TlsRecord(TlsRecord.HANDSHAKE, 0x0303, bytes("server_hello")).encode());
            assertThat(handshake.receive(broken).finished()).isTrue();
            assertThat(handshake.end(Ending.FINISHED).unintelligible()).contains("does not open it");
        }
    }

    @Test
    void cutAtEveryByteItOnlyWaits() throws MalformedMessage {
        byte[] flight = bytes("server_flight_record");
        for (int cut = 0; cut < flight.length; cut++) {
            Tls13Handshake handshake = handshake();
            handshake.opening();
            handshake.receive(new TlsRecord(TlsRecord.HANDSHAKE, 0x0303, bytes("server_hello")).encode());
            assertThat(handshake.receive(Arrays.copyOf(flight, cut)).finished()).isFalse();
            assertThat(handshake.end(Ending.CLOSED).reached()).isEqualTo(Tls13Result.Step.SERVER_HELLO);
        }
    }

    private Tls13Handshake handshake() throws MalformedMessage {
        byte[] message = bytes("client_hello");
        ClientHello hello = ClientHello.decode(Arrays.copyOfRange(message, 4, message.length));
        byte[] scalar = bytes("client_x25519_private");
        scalar[0] &= (byte) 0xF8;
        scalar[31] = (byte) (scalar[31] & 0x7F | 0x40);
        Map<Integer, KeyExchange> keys = Map.of(0x001D, new KeyExchange.X25519(scalar));
        return new Tls13Handshake(hello, new KeyShares(new SecureRandom(), new ConcurrentHashMap<>(keys), null));
    }

    private byte[] bytes(String field) {
        return HexFormat.of().parseHex(trace.required(field).asText());
    }
}
