package io.tlsfleet.tls.x509;

import java.util.Optional;

/** The preferred name syntax (RFC 1034 section 3.5, as RFC 5280 section 4.2.1.6 wants it), with a wildcard allowed. */
final class DnsSyntax {
    private DnsSyntax() {}

    record Problem(String text, boolean wildcard) {}

    static Optional<Problem> problem(String name) {
        if (name.isEmpty()) {
            return syntax("is empty");
        }
        if (name.length() > 253) {
            return syntax("is longer than 253 characters");
        }
        if (IpText.parse(name).isPresent()) {
            return syntax("is an IP address as a DNS name");
        }
        String[] labels = name.split("\\.", -1);
        for (int i = 0; i < labels.length; i++) {
            String label = labels[i];
            if (label.equals("*") && i == 0) {
                if (labels.length < 3) {
                    return Optional.of(new Problem("is a wildcard for a whole top-level domain", true));
                }
                continue;
            }
            if (label.isEmpty()) {
                return syntax(i == labels.length - 1 ? "ends with a dot" : "has an empty label");
            }
            if (label.length() > 63) {
                return syntax("has a label longer than 63 characters");
            }
            if (label.startsWith("-") || label.endsWith("-")) {
                return syntax("has a label with a hyphen at its edge");
            }
            for (int c = 0; c < label.length(); c++) {
                char letter = label.charAt(c);
                boolean fine = letter >= 'a' && letter <= 'z'
                        || letter >= 'A' && letter <= 'Z'
                        || letter >= '0' && letter <= '9'
                        || letter == '-';
                if (!fine) {
                    return syntax("has the character '" + DisplayText.safe(String.valueOf(letter)) + "'");
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> syntax(String text) {
        return Optional.of(new Problem(text, false));
    }
}
