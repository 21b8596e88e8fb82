package io.tlsfleet.tls.handshake;

import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a server may say in a handshake, before or behind the record protection. */
public sealed interface ServerMessage {

    /** ServerHello, or HelloRetryRequest when {@link #isHelloRetryRequest} (RFC 8446 section 4.1.3 and 4.1.4). */
    record ServerHello(
            ProtocolVersion legacyVersion,
            byte[] random,
            byte[] sessionId,
            CipherSuite cipherSuite,
            int compressionMethod,
            @Nullable List<Extension> extensions)
            implements ServerMessage {

        /** SHA-256 of "HelloRetryRequest". */
        private static final String RETRY_RANDOM = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

        public static ServerHello decode(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            ProtocolVersion version = new ProtocolVersion(reader.u16("server_version"));
            byte[] random = reader.take(32, "random");
            byte[] sessionId = reader.vec8("session_id");
            CipherSuite suite = new CipherSuite(reader.u16("cipher_suite"));
            int compression = reader.u8("compression_method");
            List<Extension> extensions = null;
            if (!reader.isEmpty()) {
                extensions = Extension.readAll(reader.sub16("extensions"));
                reader.end("server_hello");
            }
            return new ServerHello(version, random, sessionId, suite, compression, extensions);
        }

        public boolean isHelloRetryRequest() {
            return java.util.HexFormat.of().formatHex(random).equals(RETRY_RANDOM);
        }

        public Optional<byte[]> extension(int type) {
            return Extensions.find(extensions == null ? List.of() : extensions, type);
        }

        /** supported_versions before legacy_version (RFC 8446 section 4.2.1). */
        public ProtocolVersion version() throws MalformedMessage {
            Optional<byte[]> selected = extension(Extensions.SUPPORTED_VERSIONS);
            if (selected.isEmpty()) {
                return legacyVersion;
            }
            ByteReader reader = ByteReader.of(selected.get());
            ProtocolVersion version = new ProtocolVersion(reader.u16("selected_version"));
            reader.end("selected_version");
            return version;
        }

        /** The group of key_share, in a ServerHello or a HelloRetryRequest. */
        public Optional<NamedGroup> keyShareGroup() throws MalformedMessage {
            Optional<byte[]> share = extension(Extensions.KEY_SHARE);
            return share.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new NamedGroup(ByteReader.of(share.get()).u16("key_share group")));
        }

        /** The share of a ServerHello; that of a HelloRetryRequest is a group alone and malformed here. */
        public Optional<KeyShareEntry> keyShare() throws MalformedMessage {
            Optional<byte[]> share = extension(Extensions.KEY_SHARE);
            if (share.isEmpty()) {
                return Optional.empty();
            }
            ByteReader reader = ByteReader.of(share.get());
            NamedGroup group = new NamedGroup(reader.u16("key_share group"));
            byte[] value = reader.vec16("key_exchange");
            reader.end("key_share");
            return Optional.of(new KeyShareEntry(group, value));
        }
    }

    /** The chain as it was sent: DER, leaf first (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2). */
    record Certificate(List<Entry> entries) implements ServerMessage {
        /** {@code extensions} is empty before TLS 1.3. */
        public record Entry(byte[] der, List<Extension> extensions) {
            public Optional<byte[]> extension(int type) {
                return Extensions.find(extensions, type);
            }
        }

        public static Certificate decodeTls12(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            ByteReader list = reader.sub24("certificate_list");
            List<Entry> entries = new ArrayList<>();
            while (!list.isEmpty()) {
                entries.add(new Entry(list.vec24("certificate"), List.of()));
            }
            reader.end("certificate");
            return new Certificate(List.copyOf(entries));
        }

        public static Certificate decodeTls13(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            reader.vec8("certificate_request_context");
            ByteReader list = reader.sub24("certificate_list");
            List<Entry> entries = new ArrayList<>();
            while (!list.isEmpty()) {
                byte[] der = list.vec24("cert_data");
                entries.add(new Entry(der, Extension.readAll(list.sub16("certificate extensions"))));
            }
            reader.end("certificate");
            return new Certificate(List.copyOf(entries));
        }
    }

    /** CertificateStatus (RFC 6066 section 8); {@code statusType} 1 is an OCSP response, 2 a list of them (RFC 6961). */
    record CertificateStatus(int statusType, byte[] response) implements ServerMessage {
        public static CertificateStatus decode(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            int type = reader.u8("status_type");
            byte[] response = reader.vec24("status response");
            reader.end("certificate_status");
            return new CertificateStatus(type, response);
        }
    }

    /** Read further only with the suite's key exchange in hand: its shape depends on it (RFC 8422 section 5.4, RFC 5246 section 7.4.3). */
    record ServerKeyExchange(byte[] body) implements ServerMessage {}

    /** Of TLS 1.2 or below: types, schemes (TLS 1.2 only), authorities as DER names. TLS 1.3: types is empty. */
    record CertificateRequest(
            List<Integer> certificateTypes, List<SignatureScheme> signatureSchemes, List<byte[]> authorities)
            implements ServerMessage {

        public static CertificateRequest decodeTls12(byte[] body, boolean withSchemes) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            ByteReader typeList = reader.sub8("certificate_types");
            List<Integer> types = new ArrayList<>();
            while (!typeList.isEmpty()) {
                types.add(typeList.u8("certificate_type"));
            }
            List<SignatureScheme> schemes = withSchemes
                    ? reader.sub16("supported_signature_algorithms").u16List("supported_signature_algorithms").stream()
                            .map(SignatureScheme::new)
                            .toList()
                    : List.of();
            List<byte[]> names = names(reader.sub16("certificate_authorities"));
            reader.end("certificate_request");
            return new CertificateRequest(List.copyOf(types), schemes, names);
        }

        public static CertificateRequest decodeTls13(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            reader.vec8("certificate_request_context");
            List<Extension> extensions = Extension.readAll(reader.sub16("extensions"));
            reader.end("certificate_request");
            List<SignatureScheme> schemes = List.of();
            List<byte[]> names = List.of();
            for (Extension extension : extensions) {
                if (extension.type().code() == Extensions.SIGNATURE_ALGORITHMS) {
                    schemes = Extensions.readU16List(extension.data(), "signature_algorithms").stream()
                            .map(SignatureScheme::new)
                            .toList();
                } else if (extension.type().code() == Extensions.CERTIFICATE_AUTHORITIES) {
                    names = names(ByteReader.of(extension.data()).sub16("certificate_authorities"));
                }
            }
            return new CertificateRequest(List.of(), schemes, names);
        }

        private static List<byte[]> names(ByteReader list) throws MalformedMessage {
            List<byte[]> names = new ArrayList<>();
            while (!list.isEmpty()) {
                names.add(list.vec16("distinguished name"));
            }
            return List.copyOf(names);
        }
    }

    /** RFC 8446 section 4.4.3. */
    record CertificateVerify(SignatureScheme scheme, byte[] signature) implements ServerMessage {
        public static CertificateVerify decode(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            SignatureScheme scheme = new SignatureScheme(reader.u16("signature scheme"));
            byte[] signature = reader.vec16("signature");
            reader.end("certificate_verify");
            return new CertificateVerify(scheme, signature);
        }
    }

    /** RFC 8879 section 4, as it was sent; {@code algorithm}: 1 zlib, 2 brotli, 3 zstd. */
    record CompressedCertificate(int algorithm, int uncompressedLength, byte[] compressed) implements ServerMessage {
        public static CompressedCertificate decode(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            int algorithm = reader.u16("compression algorithm");
            int length = reader.u24("uncompressed_length");
            byte[] compressed = reader.vec24("compressed_certificate_message");
            reader.end("compressed_certificate");
            return new CompressedCertificate(algorithm, length, compressed);
        }
    }

    /**
     * Of TLS 1.3 (RFC 8446 section 4.6.1), or with {@link #decodeTls12} of RFC 5077, where ageAdd, nonce and extensions
     * stay empty. Both keep an opaque ticket, which often begins with 16 bytes that name the key it was made with.
     */
    record NewSessionTicket(long lifetimeSeconds, long ageAdd, byte[] nonce, byte[] ticket, List<Extension> extensions)
            implements ServerMessage {
        public static NewSessionTicket decodeTls13(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            long lifetime = reader.u32("ticket_lifetime");
            long ageAdd = reader.u32("ticket_age_add");
            byte[] nonce = reader.vec8("ticket_nonce");
            byte[] ticket = reader.vec16("ticket");
            List<Extension> extensions = Extension.readAll(reader.sub16("extensions"));
            reader.end("new_session_ticket");
            return new NewSessionTicket(lifetime, ageAdd, nonce, ticket, extensions);
        }

        public static NewSessionTicket decodeTls12(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            long lifetime = reader.u32("ticket_lifetime_hint");
            byte[] ticket = reader.vec16("ticket");
            reader.end("new_session_ticket");
            return new NewSessionTicket(lifetime, 0, new byte[0], ticket, List.of());
        }

        /** 0 where no early data is welcome. */
        public long maxEarlyDataSize() throws MalformedMessage {
            Optional<byte[]> size = Extensions.find(extensions, Extensions.EARLY_DATA);
            return size.isEmpty() ? 0 : ByteReader.of(size.get()).u32("max_early_data_size");
        }
    }

    /** RFC 8446 section 4.4.4, RFC 5246 section 7.4.9. */
    record Finished(byte[] verifyData) implements ServerMessage {}

    record ServerHelloDone() implements ServerMessage {}

    record HelloRequest() implements ServerMessage {}

    /** RFC 8446 section 4.3.1. */
    record EncryptedExtensions(List<Extension> extensions) implements ServerMessage {
        public static EncryptedExtensions decode(byte[] body) throws MalformedMessage {
            ByteReader reader = ByteReader.of(body);
            List<Extension> extensions = Extension.readAll(reader.sub16("extensions"));
            reader.end("encrypted_extensions");
            return new EncryptedExtensions(extensions);
        }

        public Optional<byte[]> extension(int type) {
            return Extensions.find(extensions, type);
        }
    }

    /** RFC 8446 section 6; {@code level} 1 is a warning. */
    record Alert(int level, AlertDescription description) implements ServerMessage {
        public boolean isWarning() {
            return level == 1;
        }
    }

    /** Any other message, kept as it came. */
    record Other(int type, byte[] body) implements ServerMessage {}
}
