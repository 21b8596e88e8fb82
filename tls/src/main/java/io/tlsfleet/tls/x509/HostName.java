package io.tlsfleet.tls.x509;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether a certificate speaks for a name (RFC 9525): subjectAltName only, DNS names without regard to case, one
 * wildcard that is the whole left-most label and stands for one label, IP addresses by their octets.
 */
public final class HostName {
    /** What UTS 46 maps to nothing; joiners stay. */
    private static final Pattern IGNORED =
            Pattern.compile("[\\u00AD\\u034F\\u180B-\\u180D\\u200B\\u2060\\uFE00-\\uFE0F\\uFEFF]");

    private static final Pattern NOT_IN_NAMES =
            Pattern.compile("[\\p{C}\\p{Z}\\uFFFD&&[^\\u200C\\u200D]]|(^|\\.)[\\p{M}\\u200C\\u200D]");

    private HostName() {}

    static ChainVerdict.Hostname judge(CertificateFacts leaf, String host) {
        Optional<byte[]> address = IpText.parse(host);
        List<GeneralName> names = leaf.extensions().altNames();
        if (names.isEmpty()) {
            boolean known = leaf.defects().stream().noneMatch(HostName::losesNames);
            return new ChainVerdict.Hostname(
                    host,
                    false,
                    known,
                    null,
                    !known
                            ? "not known, for the list of names cannot be read"
                            : leaf.extensions()
                                            .find(ExtensionReader.SUBJECT_ALT_NAME)
                                            .isPresent()
                                    ? "the subjectAltName is empty or unreadable"
                                    : "the certificate has no subjectAltName; a common name does not count");
        }
        if (address.isPresent()) {
            return judge(
                    leaf,
                    host,
                    name -> name instanceof GeneralName.Ip(byte[] octets) && Arrays.equals(octets, address.get()),
                    "no IP entry of the subjectAltName is ");
        }
        Optional<String> ascii = toAscii(host);
        if (ascii.isEmpty()) {
            return new ChainVerdict.Hostname(
                    host, false, true, null, "'" + DisplayText.safe(host) + "' is no host name");
        }
        return judge(
                leaf,
                host,
                name -> name instanceof GeneralName.Dns(String pattern) && matches(pattern, ascii.get()),
                "no DNS entry of the subjectAltName matches ");
    }

    /** Whether a subjectAltName may have been where nothing could be read. */
    private static boolean losesNames(Defect defect) {
        return switch (defect.kind()) {
            case UNPARSEABLE, OVERSIZE -> true;
            case MALFORMED_EXTENSION ->
                defect.part().equals("extensions") || defect.part().equals("subjectAltName");
            default -> false;
        };
    }

    private static ChainVerdict.Hostname judge(
            CertificateFacts leaf, String host, Predicate<GeneralName> sought, String otherwise) {
        CertificateExtensions extensions = leaf.extensions();
        List<GeneralName> names = extensions.altNames();
        CertificateExtensions.AltNames all = extensions.subjectAltNames();
        Optional<GeneralName> found = names.stream().filter(sought).findFirst();
        if (found.isEmpty() && extensions.altNamesOmitted() > 0) {
            found = extensions
                    .find(ExtensionReader.SUBJECT_ALT_NAME)
                    .flatMap(extension -> ExtensionParts.altName(extension.value(), sought));
        }
        if (found.isPresent()) {
            return new ChainVerdict.Hostname(host, true, true, found.get().text(), null);
        }
        String shown = names.stream().limit(5).map(GeneralName::text).collect(Collectors.joining(", "));
        int more = Math.max(0, names.size() - 5) + extensions.altNamesOmitted();
        boolean known = all == null || !all.broken();
        return new ChainVerdict.Hostname(
                host,
                false,
                known,
                null,
                (known ? "" : "not known, for the list of names breaks off: ") + otherwise + DisplayText.safe(host)
                        + "; it is for " + shown + (more > 0 ? " and " + more + " more" : ""));
    }

    /** {@code host} in lower-case ASCII without a trailing dot. */
    static boolean matches(String pattern, String host) {
        String wanted = pattern.toLowerCase(Locale.ROOT);
        if (wanted.equals(host)) {
            return wanted.indexOf('*') < 0 && IpText.parse(wanted).isEmpty();
        }
        if (!wanted.startsWith("*.") || wanted.indexOf('*', 1) >= 0) {
            return false;
        }
        String parent = wanted.substring(1);
        int dot = host.indexOf('.');
        // a wildcard below a single label would speak for a whole top-level domain
        return dot > 0 && parent.indexOf('.', 1) > 0 && host.substring(dot).equals(parent);
    }

    static boolean looksLikeDns(String name) {
        return name.indexOf('.') > 0
                && name.length() <= 253
                && name.chars()
                        .allMatch(c -> c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || c >= '0' && c <= '9'
                                || c == '-'
                                || c == '.'
                                || c == '*'
                                || c == '_');
    }

    /** A-labels of a name as typed (RFC 5891, mapped as UTS 46 does without its transitional part). */
    public static Optional<String> toAscii(String host) {
        return isPlain(host) ? labels(host) : mapped(host);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** What no mapping changes. */
    private static boolean isPlain(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.')) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> mapped(String host) {
        String visible = IGNORED.matcher(host).replaceAll("");
        // a final sigma is lower case of its own: String would write one for a capital at the end of a word
        String mapped = Normalizer.normalize(
                        Normalizer.normalize(visible, Normalizer.Form.NFKC)
                                .replace('\u03A3', '\u03C3')
                                .toLowerCase(Locale.ROOT),
                        Normalizer.Form.NFKC)
                .replace('\u3002', '.')
                .replace('\uFF61', '.');
        return NOT_IN_NAMES.matcher(mapped).find() ? Optional.empty() : labels(mapped);
    }

    private static Optional<String> labels(String mapped) {
        String bare = mapped.endsWith(".") ? mapped.substring(0, mapped.length() - 1) : mapped;
        if (bare.isEmpty()) {
            return Optional.empty();
        }
        List<String> labels = new ArrayList<>();
        for (String label : bare.split("\\.", -1)) {
            if (label.isEmpty()) {
                return Optional.empty();
            }
            String encoded = isAscii(label) ? label : "xn--" + Punycode.encode(label);
            if (encoded.length() > 63) {
                return Optional.empty();
            }
            labels.add(encoded);
        }
        String ascii = String.join(".", labels);
        return ascii.length() > 253 ? Optional.empty() : Optional.of(ascii);
    }
}
