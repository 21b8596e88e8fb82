package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What servers have said to Go's client: read alike in any pieces, and never an exception, however it is cut or broken. */
class RecordedFlowsTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    private record Flow(String id, byte[] server, JsonNode truth) {}

    @Test
    void readsEveryFlowAlikeInAnyPieces() throws MalformedMessage {
        int read = 0;
        for (Flow flow : flows()) {
            ServerFlight whole = feed(hello(), flow.server, Integer.MAX_VALUE);
            for (int piece : new int[] {1, 5, 13, 1023}) {
                ServerFlight pieces = feed(hello(), flow.server, piece);
                assertThat(pieces.messages()).as(flow.id).hasSameSizeAs(whole.messages());
                assertThat(pieces.unintelligible()).as(flow.id).isEqualTo(whole.unintelligible());
            }
            ServerMessage.ServerHello hello = whole.serverHello().orElse(null);
            if (hello == null) {
                continue;
            }
            assertThat(hello.version().code())
                    .as(flow.id)
                    .isEqualTo(Integer.parseInt(
                            flow.truth.get("negotiated_version").asText(), 16));
            assertThat(hello.cipherSuite().code())
                    .as(flow.id)
                    .isEqualTo(Integer.parseInt(flow.truth.get("cipher").asText(), 16));
            assertThat(hello.isHelloRetryRequest())
                    .as(flow.id)
                    .isEqualTo(flow.truth.get("hello_retry_request").asBoolean());
            read++;
        }
        assertThat(read).isGreaterThan(40);
    }

    @Test
    void neverThrowsForFlowsThatAreCutOrBroken() {
        for (Flow flow : flows()) {
            byte[] bytes = flow.server;
            for (int at = 0; at < bytes.length; at++) {
                feed(hello(), Arrays.copyOf(bytes, at), Integer.MAX_VALUE);
                byte[] broken = bytes.clone();
                broken[at] ^= (byte) (1 << at % 8);
                feed(hello(), broken, Integer.MAX_VALUE);
                if (at % 23 == 0) {
                    assertThat(feed(tls12(), broken, Integer.MAX_VALUE)).isNotNull();
                    assertThat(feed(tls13(), broken, Integer.MAX_VALUE)).isNotNull();
                }
            }
        }
    }

    private static Conversation<ServerFlight> hello() {
        return new HelloExchange(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(0xC02F)));
    }

    private static Conversation<Tls12Result> tls12() {
        return new Tls12Handshake(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(0xC02F)), SHARES);
    }

    private static Conversation<Tls13Result> tls13() {
        List<NamedGroup> groups = List.of(NamedGroup.named("x25519"));
        return new Tls13Handshake(
                Hellos.tls13(List.of(0x1301), groups, List.of(SHARES.offer(groups.getFirst()))), SHARES);
    }

    private static <R> R feed(Conversation<R> conversation, byte[] bytes, int piece) {
        conversation.opening();
        boolean over = false;
        for (int at = 0; at < bytes.length && !over; ) {
            int end = (int) Math.min((long) at + piece, bytes.length);
            over = conversation.receive(Arrays.copyOfRange(bytes, at, end)).finished();
            at = end;
        }
        return conversation.end(Ending.CLOSED);
    }

    private static List<Flow> flows() {
        List<Flow> flows = new ArrayList<>();
        for (JsonNode node : Vectors.jsonLines("go-tls-flows/flows.jsonl.gz")) {
            if (!node.get("id").asText().startsWith("Client-")) {
                continue;
            }
            ByteArrayOutputStream server = new ByteArrayOutputStream();
            for (JsonNode part : node.get("flows")) {
                if (part.get("dir").asText().equals("s2c")) {
                    server.writeBytes(HexFormat.of().parseHex(part.get("hex").asText()));
                }
            }
            flows.add(new Flow(node.get("id").asText(), server.toByteArray(), node.get("independent_parse")));
        }
        return flows;
    }
}
