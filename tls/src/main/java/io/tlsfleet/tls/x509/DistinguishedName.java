package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A Name (RFC 5280 section 4.1.2.4), most general part first as encoded. {@code keys} holds one text per relative name
 * that is equal exactly for equal relative names (section 7.1: case, white space and string type do not count).
 */
public record DistinguishedName(byte[] der, List<List<Attribute>> parts, List<String> keys) {
    static final DistinguishedName EMPTY = new DistinguishedName(new byte[] {0x30, 0}, List.of(), List.of());
    private static final int MAX_PARTS = 256;

    /** {@code type} is a dotted OID; {@code tag} that of the string as encoded. */
    public record Attribute(String type, String value, int tag) {
        /** Octets that its Unicode encoding does not know. */
        boolean unreadable() {
            boolean unicode = tag == Der.UTF8_STRING || tag == Der.BMP_STRING || tag == Der.UNIVERSAL_STRING;
            return unicode && DisplayText.broken(value);
        }
    }

    static DistinguishedName read(Der name, String part) throws MalformedMessage {
        List<List<Attribute>> parts = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (Der relative : name.expect(Der.SEQUENCE, part).children(part, MAX_PARTS)) {
            List<Attribute> attributes = new ArrayList<>();
            List<String> attributeKeys = new ArrayList<>();
            for (Der pair : relative.expect(Der.SET, part).children(part, MAX_PARTS)) {
                DerReader reader = pair.expect(Der.SEQUENCE, part).reader();
                String type = reader.next(Der.OID, part).oid(part);
                Der value = reader.next(part);
                reader.end(part);
                Attribute attribute = new Attribute(type, string(value), value.tag());
                attributes.add(attribute);
                attributeKeys.add(type + "=" + key(attribute, value));
            }
            if (attributes.isEmpty()) {
                throw new MalformedMessage(part + ": empty RelativeDistinguishedName");
            }
            Collections.sort(attributeKeys);
            parts.add(List.copyOf(attributes));
            keys.add(String.join("\u0000", attributeKeys));
        }
        return new DistinguishedName(name.encoded(), List.copyOf(parts), List.copyOf(keys));
    }

    public boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Equal by section 7.1. */
    public boolean matches(DistinguishedName other) {
        return keys.equals(other.keys);
    }

    /** Whether this name lies in the subtree of {@code base}. */
    boolean within(DistinguishedName base) {
        return keys.size() >= base.keys.size()
                && keys.subList(0, base.keys.size()).equals(base.keys);
    }

    public List<String> values(String type) {
        List<String> values = new ArrayList<>();
        for (List<Attribute> part : parts) {
            for (Attribute attribute : part) {
                if (attribute.type.equals(type)) {
                    values.add(attribute.value);
                }
            }
        }
        return values;
    }

    /** The last common name, or what there is instead, for people. */
    public String shortText() {
        List<String> names = values("2.5.4.3");
        if (!names.isEmpty()) {
            return DisplayText.safe(names.getLast());
        }
        Optional<String> unit = values("2.5.4.11").stream().findFirst();
        return unit.map(DisplayText::safe).orElseGet(this::text);
    }

    /** RFC 4514, the most specific part first, the field's usual short names, nothing that a terminal would obey. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (List<Attribute> relative : parts.reversed()) {
            String separator = text.isEmpty() ? "" : ",";
            for (Attribute attribute : relative) {
                text.append(separator)
                        .append(SHORT_NAMES.getOrDefault(attribute.type, attribute.type))
                        .append('=')
                        .append(escaped(attribute.value));
                separator = "+";
            }
        }
        return text.toString();
    }

    private static String escaped(String value) {
        StringBuilder text = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean edge = c == ' ' && (i == 0 || i == value.length() - 1) || c == '#' && i == 0;
            if (edge || "\"+,;<>\\".indexOf(c) >= 0) {
                text.append('\\');
            }
            text.append(c);
        }
        return DisplayText.escapeForName(text.toString());
    }

    private static String string(Der value) {
        byte[] content = value.content();
        return switch (value.tag()) {
            case Der.UTF8_STRING -> DisplayText.utf8(content);
            case Der.BMP_STRING -> {
                int even = content.length & ~1;
                yield new String(content, 0, even, StandardCharsets.UTF_16BE) + leftOver(content, even);
            }
            case Der.UNIVERSAL_STRING -> universal(content);
            case Der.TELETEX_STRING -> new String(content, StandardCharsets.ISO_8859_1);
            case Der.PRINTABLE_STRING, Der.IA5_STRING, Der.VISIBLE_STRING, 0x12 -> DisplayText.ascii(content);
            default -> "#" + HexFormat.of().formatHex(value.encoded());
        };
    }

    private static String universal(byte[] content) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i + 3 < content.length; i += 4) {
            int c = (content[i] & 0xFF) << 24
                    | (content[i + 1] & 0xFF) << 16
                    | (content[i + 2] & 0xFF) << 8
                    | content[i + 3] & 0xFF;
            text.appendCodePoint(Character.isValidCodePoint(c) ? c : 0xFFFD);
        }
        return text.append(leftOver(content, content.length & ~3)).toString();
    }

    /** Octets that make no character, as {@link DisplayText} keeps them. */
    private static String leftOver(byte[] content, int from) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < content.length; i++) {
            text.append((char) (0xDC00 | content[i] & 0xFF));
        }
        return text.toString();
    }

    private static String key(Attribute attribute, Der value) {
        return switch (value.tag()) {
            case Der.UTF8_STRING,
                    Der.BMP_STRING,
                    Der.UNIVERSAL_STRING,
                    Der.TELETEX_STRING,
                    Der.PRINTABLE_STRING,
                    Der.IA5_STRING,
                    Der.VISIBLE_STRING -> prepared(attribute.value);
            default -> "#" + HexFormat.of().formatHex(value.encoded());
        };
    }

    /** RFC 4518 as far as it is met: fold case, trim, one space where there were several. */
    static String prepared(String value) {
        String folded = value.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        StringBuilder text = new StringBuilder(folded.length());
        boolean space = false;
        for (int i = 0; i < folded.length(); i++) {
            char c = folded.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                space = !text.isEmpty();
            } else {
                if (space) {
                    text.append(' ');
                    space = false;
                }
                text.append(c);
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text();
    }

    private static final Map<String, String> SHORT_NAMES = Map.ofEntries(
            Map.entry("2.5.4.3", "CN"),
            Map.entry("2.5.4.4", "SN"),
            Map.entry("2.5.4.5", "serialNumber"),
            Map.entry("2.5.4.6", "C"),
            Map.entry("2.5.4.7", "L"),
            Map.entry("2.5.4.8", "ST"),
            Map.entry("2.5.4.9", "STREET"),
            Map.entry("2.5.4.10", "O"),
            Map.entry("2.5.4.11", "OU"),
            Map.entry("2.5.4.12", "title"),
            Map.entry("2.5.4.13", "description"),
            Map.entry("2.5.4.15", "businessCategory"),
            Map.entry("2.5.4.17", "postalCode"),
            Map.entry("2.5.4.41", "name"),
            Map.entry("2.5.4.42", "GN"),
            Map.entry("2.5.4.46", "dnQualifier"),
            Map.entry("2.5.4.97", "organizationIdentifier"),
            Map.entry("0.9.2342.19200300.100.1.1", "UID"),
            Map.entry("0.9.2342.19200300.100.1.25", "DC"),
            Map.entry("1.2.840.113549.1.9.1", "emailAddress"),
            Map.entry("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
            Map.entry("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
            Map.entry("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"));
}
