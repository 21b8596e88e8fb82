package io.tlsfleet.scanner.fuzz;

import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgraded;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.CertificateDecompression;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.sslv2.Sslv2ClientHello;
import io.tlsfleet.tls.sslv2.Sslv2Exchange;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainJudge;
import io.tlsfleet.tls.x509.ChainQuestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One decoder, or a few in a row; whatever bytes come, a value or MalformedMessage must come out. */
enum Target {
    /** The whole answer to a hello, read, cut to pieces and read again, and what it says. */
    FLIGHT {
        @Override
        void take(byte[] bytes) {
            ServerFlight whole = Target.feed(new HelloExchange(OPENING), bytes, bytes.length);
            ServerFlight pieces = Target.feed(new HelloExchange(OPENING), bytes, 7);
            if (whole.messages().size() != pieces.messages().size()
                    || !Objects.equals(whole.unintelligible(), pieces.unintelligible())) {
                throw new IllegalStateException("read otherwise in pieces: " + whole + " and " + pieces);
            }
            FlightReading.read(OFFER, whole);
            FlightReading.read(OFFER_13, whole);
        }
    },
    RECORD {
        @Override
        void take(byte[] bytes) throws MalformedMessage {
            RecordReader reader = new RecordReader();
            for (byte[] piece : Target.pieces(bytes, 11)) {
                for (TlsRecord record : reader.feed(piece)) {
                    record.encode();
                }
            }
        }
    },
    HANDSHAKE {
        @Override
        void take(byte[] bytes) throws MalformedMessage {
            HandshakeReader reader = new HandshakeReader();
            for (byte[] piece : Target.pieces(bytes, 1000)) {
                for (HandshakeMessage message : reader.feed(piece)) {
                    Target.everyReading(message.body());
                }
            }
            Target.everyReading(bytes);
        }
    },
    HELLO {
        @Override
        void take(byte[] bytes) throws MalformedMessage {
            Target.quietly(() -> {
                ServerMessage.ServerHello hello = ServerMessage.ServerHello.decode(bytes);
                hello.version();
                hello.keyShareGroup();
                hello.keyShare();
            });
            Target.quietly(() -> new Fingerprinter().server(bytes));
            Target.quietly(() -> ClientHello.decode(bytes).encode());
            Target.quietly(() -> new Fingerprinter().client(bytes, Transport.TCP));
        }
    },
    /** The message, what it holds, and what a judge says of it. */
    CERTIFICATE {
        @Override
        void take(byte[] bytes) throws MalformedMessage {
            Target.quietly(() -> Target.judge(ServerMessage.Certificate.decodeTls12(bytes)));
            Target.quietly(() -> Target.judge(ServerMessage.Certificate.decodeTls13(bytes)));
            Target.quietly(() -> CertificateDecompression.read(ServerMessage.CompressedCertificate.decode(bytes)));
        }
    },
    SSLV2 {
        @Override
        void take(byte[] bytes) {
            for (int piece : new int[] {bytes.length, 3}) {
                Target.feed(
                        new Sslv2Exchange(new Sslv2ClientHello(Sslv2ClientHello.everyCipher(), new byte[16])),
                        bytes,
                        piece);
            }
        }
    },
    OCSP {
        @Override
        void take(byte[] bytes) {
            ChainJudge.judge(ChainQuestion.of(CHAIN, List.of(), AT).withStaples(Map.of("TLSv1.2", bytes)));
        }
    },
    SCT {
        @Override
        void take(byte[] bytes) {
            ChainJudge.judge(ChainQuestion.of(CHAIN, List.of(), AT).withTlsScts(List.of(bytes)));
        }
    },
    /** The first byte chooses the protocol; what follows its preamble is read as TLS. */
    STARTTLS {
        @Override
        void take(byte[] bytes) {
            if (bytes.length > 0) {
                String protocol = Starttls.PROTOCOLS.get((bytes[0] & 0xFF) % Starttls.PROTOCOLS.size());
                byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
                for (int piece : new int[] {rest.length, 13}) {
                    Target.feed(
                            new Upgraded<>(Starttls.with(protocol, "mail.example"), new HelloExchange(OPENING)),
                            rest,
                            piece);
                }
            }
        }
    },
    /** The conversations that finish handshakes, with keys of ours. */
    KEYS {
        @Override
        void take(byte[] bytes) {
            List<NamedGroup> groups = List.of(NamedGroup.named("x25519"));
            Target.feed(
                    new Tls13Handshake(
                            Hellos.tls13(List.of(0x1301), groups, List.of(SHARES.offer(groups.getFirst()))), SHARES),
                    bytes,
                    bytes.length);
            Target.feed(
                    new Tls12Handshake(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(0xC02B, 0xC02C, 0x9E)), SHARES),
                    bytes,
                    bytes.length);
        }
    };

    private static final Instant AT = Instant.parse("2026-11-22T08:00:00Z");
    private static final byte[] OPENING =
            new HelloExchange(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(0xC02B))).opening();
    private static final Offer OFFER = Offer.of(ProtocolVersion.TLS_1_2, Menu.common(ProtocolVersion.TLS_1_2));
    private static final Offer OFFER_13 = Offer.of(ProtocolVersion.TLS_1_3, Menu.TLS13_SUITES);
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final List<byte[]> CHAIN = List.of(resource("ocsp/leaf.der"), resource("ocsp/issuer.der"));

    abstract void take(byte[] bytes) throws MalformedMessage;

    void run(byte[] bytes) {
        quietly(() -> take(bytes));
    }

    private interface Reading {
        void read() throws MalformedMessage;
    }

    private static void quietly(Reading reading) {
        try {
            reading.read();
        } catch (MalformedMessage e) {
            // as it should be
            return;
        }
    }

    private static void everyReading(byte[] body) {
        quietly(() -> ServerMessage.CertificateStatus.decode(body));
        quietly(() -> ServerMessage.CertificateRequest.decodeTls12(body, true));
        quietly(() -> ServerMessage.CertificateRequest.decodeTls12(body, false));
        quietly(() -> ServerMessage.CertificateRequest.decodeTls13(body));
        quietly(() -> ServerMessage.CertificateVerify.decode(body));
        quietly(() -> ServerMessage.NewSessionTicket.decodeTls12(body));
        quietly(() -> ServerMessage.NewSessionTicket.decodeTls13(body).maxEarlyDataSize());
        quietly(() -> ServerMessage.EncryptedExtensions.decode(body));
        quietly(() -> ServerMessage.Certificate.decodeTls12(body));
        quietly(() -> ServerMessage.Certificate.decodeTls13(body));
        quietly(() -> ServerMessage.ServerHello.decode(body));
    }

    private static void judge(ServerMessage.Certificate message) {
        List<byte[]> chain = message.entries().stream()
                .map(ServerMessage.Certificate.Entry::der)
                .toList();
        chain.stream().limit(20).forEach(CertificateFacts::read);
        if (!chain.isEmpty()) {
            ChainJudge.judge(ChainQuestion.of(chain, List.of(), AT).withHost("localhost"));
        }
    }

    private static <R> R feed(Conversation<R> conversation, byte[] bytes, int piece) {
        conversation.opening();
        for (byte[] one : pieces(bytes, piece)) {
            if (conversation.receive(one).finished()) {
                break;
            }
        }
        return conversation.end(Ending.CLOSED);
    }

    private static List<byte[]> pieces(byte[] bytes, int length) {
        int size = Math.max(1, length);
        return java.util.stream.IntStream.iterate(0, at -> at < bytes.length, at -> at + size)
                .mapToObj(at -> Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)))
                .toList();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(Target.class.getResourceAsStream("/fuzz/" + name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
