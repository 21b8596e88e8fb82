package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.ech.EchConfig;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.CompressedCertificate;
import io.tlsfleet.tls.handshake.ServerMessage.EncryptedExtensions;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a TLS 1.3 server answers behind its encryption: certificate compression (RFC 8879) one algorithm after the other,
 * delegated credentials (RFC 9345), Encrypted Client Hello by a GREASE offer (RFC 9849), the record size limit (RFC 8449). All
 * in one handshake, and one more for each compression that is taken.
 */
final class Tls13Features {
    private static final List<String> COMPRESSIONS = List.of("", "zlib", "brotli", "zstd");
    private static final SecureRandom RANDOM = new SecureRandom();

    private Tls13Features() {}

    static void ask(Ground ground, Wire wire, Found found) {
        Optional<HelloShape> plain = ground.tls13();
        if (plain.isEmpty()) {
            boolean spoken = ground.accepts(ProtocolVersion.TLS_1_3);
            for (String name : List.of("delegatedCredentials", "encryptedClientHello", "certificateCompression")) {
                found.feature(name, spoken ? Fact.unknown(Reason.UNSUPPORTED) : Fact.NOT_ASKED);
            }
            if (spoken) {
                found.feature("recordSizeLimit", Fact.unknown(Reason.UNSUPPORTED));
            }
            return;
        }
        HelloShape hello = plain.get()
                .with(
                        delegatedCredentials(),
                        encryptedClientHello(),
                        Extensions.recordSizeLimit(ProtocolVersion.TLS_1_3));
        List<Integer> offered = new ArrayList<>(List.of(2, 3, 1));
        List<String> accepted = new ArrayList<>();
        boolean first = true;
        while (!offered.isEmpty()) {
            Heard<Tls13Result> heard =
                    wire.say(new Tls13Handshake(hello.with(compression(offered)).hello(), ground.shares()));
            if (!(heard instanceof Heard.Told<Tls13Result>(Tls13Result result, Duration connect))) {
                Reason reason = heard instanceof Heard.Nothing<Tls13Result>(Reason why) ? why : Reason.INTERNAL;
                unknown(found, first, reason);
                return;
            }
            found.heard(result, connect);
            found.ticketed = result.tickets().isEmpty() ? found.ticketed : result;
            if (result.reached().compareTo(Tls13Result.Step.CERTIFICATE) < 0) {
                unknown(found, first, Fact.reason(result.ending(), result.unintelligible()));
                return;
            }
            if (first) {
                single(result, found);
                first = false;
            }
            Optional<CompressedCertificate> compressed = result.first(CompressedCertificate.class);
            if (compressed.isEmpty()
                    || !offered.removeIf(a -> a == compressed.get().algorithm())) {
                break;
            }
            accepted.add(COMPRESSIONS.get(compressed.get().algorithm()));
        }
        found.feature("certificateCompression", List.copyOf(accepted));
        if (found.features().get("delegatedCredentials") == FactState.UNKNOWN) {
            uncompressed(hello, ground, wire, found);
        }
    }

    /** The answer to delegated credentials stands inside the certificate message, which came in a compression that we do not undo. */
    private static void uncompressed(HelloShape hello, Ground ground, Wire wire, Found found) {
        if (wire.say(new Tls13Handshake(hello.hello(), ground.shares()))
                instanceof Heard.Told<Tls13Result>(Tls13Result result, Duration connect)) {
            found.heard(result, connect);
            found.feature("delegatedCredentials", delegatedCredentials(result));
        }
    }

    private static void unknown(Found found, boolean first, Reason reason) {
        if (first) {
            for (String name : List.of("delegatedCredentials", "encryptedClientHello", "recordSizeLimit")) {
                found.feature(name, Fact.unknown(reason));
            }
        }
        found.feature("certificateCompression", Fact.unknown(reason));
    }

    static void single(Tls13Result result, Found found) {
        Optional<EncryptedExtensions> extensions = result.first(EncryptedExtensions.class);
        found.feature(
                "encryptedClientHello",
                extensions
                        .flatMap(e -> e.extension(Extensions.ENCRYPTED_CLIENT_HELLO))
                        .map(Tls13Features::retryConfigs)
                        .orElse(Fact.REFUSED));
        Optional<byte[]> limit = extensions.flatMap(e -> e.extension(Extensions.RECORD_SIZE_LIMIT));
        limit.ifPresentOrElse(found::recordSizeLimit, () -> found.feature("recordSizeLimit", Fact.REFUSED));
        found.feature("delegatedCredentials", delegatedCredentials(result));
    }

    private static Fact delegatedCredentials(Tls13Result result) {
        Optional<ServerMessage.Certificate> certificate = result.first(ServerMessage.Certificate.class);
        return certificate.isEmpty()
                ? Fact.unknown(Reason.UNSUPPORTED)
                : certificate.get().entries().stream()
                        .findFirst()
                        .flatMap(e -> e.extension(Extensions.DELEGATED_CREDENTIAL))
                        .map(Tls13Features::credential)
                        .orElse(Fact.REFUSED);
    }

    /** RFC 9345 section 4: valid_time, the scheme it will sign with, its key; then how the certificate signed it. */
    private static Fact credential(byte[] data) {
        try {
            ByteReader reader = ByteReader.of(data);
            reader.u32("valid_time");
            reader.u16("dc_cert_verify_algorithm");
            reader.vec24("ASN1_subjectPublicKeyInfo");
            reader.u16("algorithm");
            reader.vec16("signature");
            reader.end("delegated_credential");
            return Fact.ACCEPTED;
        } catch (MalformedMessage e) {
            return Fact.unknown(Reason.MALFORMED);
        }
    }

    /** Who knows ECH answers a hello that it cannot open with the configurations that it could (RFC 9849 section 7.1). */
    private static Fact retryConfigs(byte[] configs) {
        try {
            return Fact.of(!EchConfig.readAll(configs).isEmpty());
        } catch (MalformedMessage e) {
            return Fact.unknown(Reason.MALFORMED);
        }
    }

    private static Extension compression(List<Integer> algorithms) {
        return new Extension(
                Extensions.COMPRESS_CERTIFICATE, ByteWriter.write(w -> w.vec8(list -> algorithms.forEach(list::u16))));
    }

    private static Extension delegatedCredentials() {
        List<SignatureScheme> schemes = IntStream.of(0x0403, 0x0503, 0x0807)
                .mapToObj(SignatureScheme::new)
                .toList();
        return new Extension(
                Extensions.DELEGATED_CREDENTIAL,
                ByteWriter.write(w -> w.vec16(list -> schemes.forEach(s -> list.u16(s.code())))));
    }

    /** Looks like an offer of X25519, HKDF-SHA256, AES-128-GCM and can be decrypted by nobody; a server that knows ECH sends its configuration. */
    private static Extension encryptedClientHello() {
        byte[] encapsulated = bytes(32);
        byte[] payload = bytes(208);
        return new Extension(
                Extensions.ENCRYPTED_CLIENT_HELLO,
                ByteWriter.write(w -> w.u8(0)
                        .u16(1)
                        .u16(1)
                        .u8(RANDOM.nextInt(256))
                        .vec16(encapsulated)
                        .vec16(payload)));
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
