package io.tlsfleet.tls.handshake;

import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The numbers of the extensions we send and read, and the shape of their data. */
public final class Extensions {
    public static final int SERVER_NAME = 0;
    public static final int MAX_FRAGMENT_LENGTH = 1;
    public static final int TRUNCATED_HMAC = 4;
    public static final int STATUS_REQUEST = 5;
    public static final int SUPPORTED_GROUPS = 10;
    public static final int EC_POINT_FORMATS = 11;
    public static final int SIGNATURE_ALGORITHMS = 13;
    public static final int HEARTBEAT = 15;
    public static final int ALPN = 16;
    public static final int STATUS_REQUEST_V2 = 17;
    public static final int SIGNED_CERTIFICATE_TIMESTAMP = 18;
    public static final int PADDING = 21;
    public static final int ENCRYPT_THEN_MAC = 22;
    public static final int EXTENDED_MASTER_SECRET = 23;
    public static final int COMPRESS_CERTIFICATE = 27;
    public static final int RECORD_SIZE_LIMIT = 28;
    public static final int DELEGATED_CREDENTIAL = 34;
    public static final int SESSION_TICKET = 35;
    public static final int PRE_SHARED_KEY = 41;
    public static final int EARLY_DATA = 42;
    public static final int SUPPORTED_VERSIONS = 43;
    public static final int COOKIE = 44;
    public static final int PSK_KEY_EXCHANGE_MODES = 45;
    public static final int CERTIFICATE_AUTHORITIES = 47;
    public static final int POST_HANDSHAKE_AUTH = 49;
    public static final int SIGNATURE_ALGORITHMS_CERT = 50;
    public static final int KEY_SHARE = 51;
    public static final int QUIC_TRANSPORT_PARAMETERS = 57;
    public static final int NEXT_PROTOCOL_NEGOTIATION = 13172;
    public static final int ENCRYPTED_CLIENT_HELLO = 65037;
    public static final int RENEGOTIATION_INFO = 65281;

    private Extensions() {}

    /** The data of the first extension of that type. */
    public static Optional<byte[]> find(List<Extension> extensions, int type) {
        return extensions.stream()
                .filter(e -> e.type().code() == type)
                .map(Extension::data)
                .findFirst();
    }

    /** RFC 6066 section 3; the name must be an A-label already. */
    public static Extension serverName(String host) {
        return of(SERVER_NAME, w -> w.vec16(list -> list.u8(0).vec16(host.getBytes(StandardCharsets.US_ASCII))));
    }

    /** No limit beyond the version's own: 2^14 bytes, in TLS 1.3 and one for the type (RFC 8449 section 4). */
    public static Extension recordSizeLimit(ProtocolVersion version) {
        int largest = version.compareTo(ProtocolVersion.TLS_1_3) < 0 ? 16384 : 16385;
        return of(RECORD_SIZE_LIMIT, w -> w.u16(largest));
    }

    /** RFC 6066 section 8: OCSP, no responders named, no extensions. */
    public static Extension statusRequest() {
        return of(STATUS_REQUEST, w -> w.u8(1).u16(0).u16(0));
    }

    /** RFC 8446 section 4.2.7. */
    public static Extension supportedGroups(List<NamedGroup> groups) {
        return of(SUPPORTED_GROUPS, w -> w.vec16(list -> list.u16s(groups, NamedGroup::code)));
    }

    /** RFC 8422 section 5.1.2: uncompressed, and the two compressed forms of old. */
    public static Extension ecPointFormats() {
        return of(EC_POINT_FORMATS, w -> w.vec8(new byte[] {0, 1, 2}));
    }

    /** RFC 8446 section 4.2.3. */
    public static Extension signatureAlgorithms(List<SignatureScheme> schemes) {
        return of(SIGNATURE_ALGORITHMS, w -> w.vec16(list -> list.u16s(schemes, SignatureScheme::code)));
    }

    /** RFC 7301. */
    public static Extension alpn(List<String> protocols) {
        return of(
                ALPN, w -> w.vec16(list -> protocols.forEach(p -> list.vec8(p.getBytes(StandardCharsets.ISO_8859_1)))));
    }

    /** RFC 8446 section 4.2.1. */
    public static Extension supportedVersions(List<ProtocolVersion> versions) {
        return of(SUPPORTED_VERSIONS, w -> w.vec8(list -> list.u16s(versions, ProtocolVersion::code)));
    }

    /** RFC 8446 section 4.2.8; an empty list asks for a HelloRetryRequest. */
    public static Extension keyShares(List<KeyShareEntry> shares) {
        return of(
                KEY_SHARE,
                w -> w.vec16(
                        list -> shares.forEach(s -> list.u16(s.group().code()).vec16(s.keyExchange()))));
    }

    /** RFC 8446 section 4.2.9: psk_dhe_ke. */
    public static Extension pskKeyExchangeModes() {
        return of(PSK_KEY_EXCHANGE_MODES, w -> w.vec8(new byte[] {1}));
    }

    /** RFC 5746 section 3.2, of a first handshake. */
    public static Extension renegotiationInfo() {
        return of(RENEGOTIATION_INFO, w -> w.vec8(new byte[0]));
    }

    /** An extension whose data is empty: extended_master_secret, encrypt_then_mac, session_ticket, … */
    public static Extension empty(int type) {
        return new Extension(type, new byte[0]);
    }

    /** The list of a client's supported_groups, signature_algorithms: {@code uint16 list<0..2^16-2>}. */
    public static List<Integer> readU16List(byte[] data, String part) throws MalformedMessage {
        ByteReader reader = ByteReader.of(data);
        List<Integer> values = reader.sub16(part).u16List(part);
        reader.end(part);
        return values;
    }

    /** Protocol names of an ALPN extension, each byte a character. */
    public static List<String> readAlpn(byte[] data) throws MalformedMessage {
        ByteReader reader = ByteReader.of(data);
        ByteReader list = reader.sub16("alpn");
        List<String> names = new ArrayList<>();
        while (!list.isEmpty()) {
            names.add(new String(list.vec8("alpn protocol"), StandardCharsets.ISO_8859_1));
        }
        reader.end("alpn");
        return names;
    }

    private static Extension of(int type, java.util.function.Consumer<ByteWriter> content) {
        return new Extension(type, ByteWriter.write(content));
    }
}
