package io.tlsfleet.tls.x509;

import java.util.Optional;

/** IP addresses as text, both ways, without a resolver: RFC 5952 out, RFC 4291 and dotted decimal in. */
final class IpText {
    private IpText() {}

    static String v6(byte[] octets) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (octets[2 * i] & 0xFF) << 8 | octets[2 * i + 1] & 0xFF;
        }
        int bestAt = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestAt = i;
                bestLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestAt) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** 4 or 16 octets, or nothing when the text is no address. Brackets and a zone are allowed around IPv6. */
    static Optional<byte[]> parse(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        if (bare.indexOf(':') < 0) {
            return v4(bare);
        }
        int zone = bare.indexOf('%');
        return v6(zone < 0 ? bare : bare.substring(0, zone));
    }

    private static Optional<byte[]> v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        byte[] octets = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            boolean digits =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || part.length() > 1 && part.charAt(0) == '0' || Integer.parseInt(part) > 255) {
                return Optional.empty();
            }
            octets[i] = (byte) Integer.parseInt(part);
        }
        return Optional.of(octets);
    }

    private static Optional<byte[]> v6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return Optional.empty();
        }
        Optional<byte[]> head = groups(gap < 0 ? text : text.substring(0, gap));
        Optional<byte[]> tail = groups(gap < 0 ? "" : text.substring(gap + 2));
        if (head.isEmpty() || tail.isEmpty()) {
            return Optional.empty();
        }
        int given = head.get().length + tail.get().length;
        if (gap < 0 ? given != 16 : given > 14) {
            return Optional.empty();
        }
        byte[] octets = new byte[16];
        System.arraycopy(head.get(), 0, octets, 0, head.get().length);
        System.arraycopy(tail.get(), 0, octets, 16 - tail.get().length, tail.get().length);
        return Optional.of(octets);
    }

    private static Optional<byte[]> groups(String text) {
        if (text.isEmpty()) {
            return Optional.of(new byte[0]);
        }
        String[] parts = text.split(":", -1);
        byte[] octets = new byte[20];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            if (length > 14) {
                return Optional.empty();
            }
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                Optional<byte[]> embedded = v4(parts[i]);
                if (embedded.isEmpty() || length > 12) {
                    return Optional.empty();
                }
                System.arraycopy(embedded.get(), 0, octets, length, 4);
                length += 4;
                continue;
            }
            if (parts[i].isEmpty()
                    || parts[i].length() > 4
                    || !parts[i].chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
                return Optional.empty();
            }
            int group = Integer.parseInt(parts[i], 16);
            octets[length++] = (byte) (group >> 8);
            octets[length++] = (byte) group;
        }
        return Optional.of(java.util.Arrays.copyOf(octets, length));
    }
}
