package io.tlsfleet.fleet.sensor;

import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a client is able to speak, as far as a log told it; a part that was not told is null. An empty list of groups or
 * schemes means that the client names none. Versions by label, highest first, the rest as code points ({@code 0x1301}).
 */
public record ClientProfile(
        @Nullable List<String> versions,
        @Nullable List<String> cipherSuites,
        @Nullable List<String> groups,
        @Nullable List<String> signatureSchemes,
        @Nullable List<String> keyShares) {
    private static final int MAX_CODES = 1000;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int SUPPORTED_GROUPS = 10;

    public ClientProfile {
        versions = checked(versions, "versions");
        cipherSuites = checked(cipherSuites, "cipherSuites");
        groups = checked(groups, "groups");
        signatureSchemes = checked(signatureSchemes, "signatureSchemes");
        keyShares = checked(keyShares, "keyShares");
        if (versions != null) {
            versions.forEach(ProtocolVersion::labelled);
        }
        Stream.of(
                        Optional.ofNullable(cipherSuites),
                        Optional.ofNullable(groups),
                        Optional.ofNullable(signatureSchemes),
                        Optional.ofNullable(keyShares))
                .flatMap(part -> part.orElse(List.of()).stream())
                .forEach(ClientProfile::code);
    }

    /** Of a whole hello: everything is known. */
    public static ClientProfile of(ClientOffer offer) {
        return new ClientProfile(
                offer.versions().stream()
                        .filter(ProtocolVersion.ALL::contains)
                        .map(ProtocolVersion::label)
                        .toList(),
                offer.suites().stream().map(CipherSuite::hex).toList(),
                offer.groups().stream().map(NamedGroup::hex).toList(),
                offer.schemes().stream().map(s -> hex(s.code())).toList(),
                offer.keyShares().stream().map(NamedGroup::hex).toList());
    }

    /** Of the text that JA3 hashes: version, suites, extensions, groups, point formats. Null when it is none. */
    public static @Nullable ClientProfile ofJa3Text(String text) {
        String[] fields = text.split(",", -1);
        if (fields.length != 5 || !text.matches("[0-9]{1,5}(,[0-9-]*){4}") || text.length() > 6 * MAX_CODES) {
            return null;
        }
        int legacy = Integer.parseInt(fields[0]);
        List<Integer> extensions = decimals(fields[2]);
        List<String> versions = extensions.contains(SUPPORTED_VERSIONS) ? null : upTo(new ProtocolVersion(legacy));
        boolean hidesGroups = fields[3].isEmpty() && extensions.contains(SUPPORTED_GROUPS);
        return new ClientProfile(
                versions,
                decimals(fields[1]).stream().map(ClientProfile::hex).toList(),
                hidesGroups
                        ? null
                        : decimals(fields[3]).stream().map(ClientProfile::hex).toList(),
                null,
                null);
    }

    /** Of lists of decimal code points, as Zeek's ssl-log-ext writes them; an empty list was not told. */
    public static @Nullable ClientProfile ofCodes(
            List<Integer> suites, List<Integer> groups, List<Integer> versions, List<Integer> shares) {
        if (suites.isEmpty()) {
            return null;
        }
        List<String> labels = versions.stream()
                .map(ProtocolVersion::new)
                .filter(ProtocolVersion.ALL::contains)
                .sorted(java.util.Comparator.reverseOrder())
                .map(ProtocolVersion::label)
                .toList();
        return new ClientProfile(
                labels.isEmpty() ? null : labels,
                plain(suites).stream().map(ClientProfile::hex).toList(),
                groups.isEmpty()
                        ? null
                        : plain(groups).stream().map(ClientProfile::hex).toList(),
                null,
                shares.isEmpty()
                        ? null
                        : plain(shares).stream().map(ClientProfile::hex).toList());
    }

    /** As a server's choice needs it; what is not known stands as the caller says. */
    public ClientOffer offer(ClientOffer otherwise) {
        return new ClientOffer(
                versions == null
                        ? otherwise.versions()
                        : versions.stream().map(ProtocolVersion::labelled).toList(),
                cipherSuites == null ? otherwise.suites() : codes(cipherSuites, CipherSuite::new),
                groups == null ? otherwise.groups() : codes(groups, NamedGroup::new),
                signatureSchemes == null ? otherwise.schemes() : codes(signatureSchemes, SignatureScheme::new),
                keyShares == null ? otherwise.keyShares() : codes(keyShares, NamedGroup::new),
                otherwise.alpn());
    }

    /** All that a client without supported_versions may be taken at, highest first (RFC 5246 appendix E.1). */
    public static List<String> upTo(ProtocolVersion highest) {
        return ProtocolVersion.ALL.reversed().stream()
                .filter(v -> v.compareTo(highest) <= 0
                        && v.compareTo(ProtocolVersion.SSL_3) >= 0
                        && v.compareTo(ProtocolVersion.TLS_1_3) < 0)
                .map(ProtocolVersion::label)
                .toList();
    }

    private static List<Integer> plain(List<Integer> codes) {
        return codes.stream()
                .filter(v -> (v & 0x0F0F) != 0x0A0A || v >>> 8 != (v & 0xFF))
                .toList();
    }

    private static <T> List<T> codes(List<String> hex, IntFunction<T> type) {
        return hex.stream().map(h -> type.apply(code(h))).toList();
    }

    private static List<Integer> decimals(String dashed) {
        return dashed.isEmpty()
                ? List.of()
                : Arrays.stream(dashed.split("-"))
                        .filter(d -> !d.isEmpty() && d.length() <= 5)
                        .map(Integer::valueOf)
                        .toList();
    }

    private static String hex(int code) {
        return "0x%04X".formatted(code);
    }

    private static int code(String hex) {
        if (!hex.matches("0x[0-9A-Fa-f]{4,6}")) {
            throw new IllegalArgumentException("'" + hex + "' is no code point like 0x1301");
        }
        return Integer.decode(hex);
    }

    private static @Nullable List<String> checked(@Nullable List<String> codes, String name) {
        if (codes != null && codes.size() > MAX_CODES) {
            throw new IllegalArgumentException(name + ": more than " + MAX_CODES);
        }
        return codes == null ? null : List.copyOf(codes);
    }
}
