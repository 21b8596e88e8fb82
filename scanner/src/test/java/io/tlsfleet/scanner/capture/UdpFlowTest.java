package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.quic.InitialKeys;
import io.tlsfleet.tls.quic.InitialPacket;
import io.tlsfleet.tls.quic.QuicVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What QUIC and DTLS may do between the same two sockets. */
class UdpFlowTest {
    private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

    private final List<SeenHello> hellos = new ArrayList<>();
    private final UdpFlow flow = new UdpFlow(hellos::add);
    private int frame;

    @Test
    void findsBothHellosOfEitherSideAroundAHelloRetryRequest() {
        byte[] first = message(1, 300);
        byte[] retry = message(2, 90);
        byte[] second = message(1, 320);
        byte[] answer = message(2, 100);
        client(crypto(0, first));
        server(crypto(0, retry));
        client(crypto(first.length + 100, Arrays.copyOfRange(second, 100, second.length)));
        client(crypto(0, first));
        client(crypto(first.length, Arrays.copyOf(second, 100)));
        server(Recapture.join(crypto(0, retry), crypto(retry.length, answer)));

        assertThat(hellos).extracting(SeenHello::frame).containsExactly(1, 2, 5, 6);
        assertThat(hellos).extracting(h -> h.body().length).containsExactly(300, 90, 320, 100);
        assertThat(flow.held()).isZero();
    }

    @Test
    void findsAnInitialBehindAnotherPacketOfItsDatagram() {
        byte[] early = ByteWriter.write(
                w -> w.u8(0xD0).u32(1).vec8(ID).vec8(new byte[0]).u8(40).raw(new byte[40]));
        feed("c", Recapture.join(early, sealed(true, crypto(0, message(1, 300)))));
        assertThat(hellos).hasSize(1);
    }

    @Test
    void tellsANewConnectionOfDtlsFromAHelloSentAgain() {
        for (byte random : new byte[] {1, 1, 2, 2, 1}) {
            feed("c", dtls(random, 0, 60));
            feed("c", dtls(random, 60, 40));
        }
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(2, 6, 10);
        for (byte random = 10; random < 40; random++) {
            feed("c", dtls(random, 0, 100));
        }
        assertThat(hellos).hasSize(33);
    }

    private void client(byte[] frames) {
        feed("c", sealed(true, frames));
    }

    private void server(byte[] frames) {
        feed("s", sealed(false, frames));
    }

    private void feed(String source, byte[] datagram) {
        flow.feed(new Segment(false, source, source.equals("c") ? "s" : "c", 0, false, datagram), ++frame);
    }

    private static byte[] sealed(boolean client, byte[] frames) {
        InitialKeys keys = client ? InitialKeys.client(QuicVersion.V1, ID) : InitialKeys.server(QuicVersion.V1, ID);
        return new InitialPacket(QuicVersion.V1, ID, new byte[0], new byte[0], 1, frames).seal(keys);
    }

    private static byte[] crypto(int offset, byte[] data) {
        return ByteWriter.write(
                w -> w.u8(6).u16(0x4000 | offset).u16(0x4000 | data.length).raw(data));
    }

    private static byte[] message(int type, int length) {
        return ByteWriter.write(w -> w.u8(type).u8(0).u16(length).raw(new byte[length]));
    }

    private static byte[] dtls(byte random, int offset, int length) {
        byte[] piece = new byte[length];
        Arrays.fill(piece, random);
        return ByteWriter.write(w -> w.u8(22)
                .u16(0xFEFD)
                .raw(new byte[8])
                .u16(12 + length)
                .u8(1)
                .u8(0)
                .u16(100)
                .u16(0)
                .u8(0)
                .u16(offset)
                .u8(0)
                .u16(length)
                .raw(piece));
    }
}
