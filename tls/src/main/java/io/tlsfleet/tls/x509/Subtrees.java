package io.tlsfleet.tls.x509;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether the names of a certificate lie where an issuer's NameConstraints want them (RFC 5280 section 4.2.1.10). */
final class Subtrees {
    private Subtrees() {}

    /** The first name that breaks the constraints, and how; empty when none does. */
    static Optional<String> violation(NameConstraints constraints, CertificateFacts certificate, Budget budget) {
        List<GeneralName> names = names(certificate);
        long bases =
                constraints.permitted().size() + (long) constraints.excluded().size();
        if (!budget.comparisons(names.size() * bases)) {
            return Optional.of("more names and constraints than are compared");
        }
        for (GeneralName name : names) {
            for (GeneralName base : constraints.excluded()) {
                if (sameKind(name, base) && within(name, base, true)) {
                    return Optional.of(name.text() + " lies in the excluded subtree " + base.text());
                }
            }
            boolean constrained = false;
            boolean permitted = false;
            for (GeneralName base : constraints.permitted()) {
                if (sameKind(name, base)) {
                    constrained = true;
                    permitted |= within(name, base, false);
                }
            }
            if (constrained && !permitted) {
                return Optional.of(name.text() + " lies in no permitted subtree");
            }
        }
        return Optional.empty();
    }

    /** Subject, subjectAltName, and the e-mail addresses that old certificates have in the subject. */
    private static List<GeneralName> names(CertificateFacts certificate) {
        List<GeneralName> names = new ArrayList<>(certificate.extensions().altNames());
        if (!certificate.subject().isEmpty()) {
            names.add(new GeneralName.Directory(certificate.subject()));
        }
        boolean mailbox = names.stream().anyMatch(GeneralName.Email.class::isInstance);
        if (!mailbox) {
            for (String address : certificate.subject().values("1.2.840.113549.1.9.1")) {
                names.add(new GeneralName.Email(address));
            }
        }
        boolean server =
                names.stream().anyMatch(name -> name instanceof GeneralName.Dns || name instanceof GeneralName.Ip);
        if (!server && !certificate.ca()) {
            // no client looks at the common name any more, but one that did would be let past the constraint
            for (String name : certificate.subject().values("2.5.4.3")) {
                IpText.parse(name)
                        .<GeneralName>map(GeneralName.Ip::new)
                        .or(() ->
                                HostName.looksLikeDns(name) ? Optional.of(new GeneralName.Dns(name)) : Optional.empty())
                        .ifPresent(names::add);
            }
        }
        return names;
    }

    private static boolean sameKind(GeneralName name, GeneralName base) {
        return name.getClass() == base.getClass()
                && (!(name instanceof GeneralName.Other other)
                        || !(base instanceof GeneralName.Other constraint)
                        || other.oid().equals(constraint.oid()));
    }

    /** {@code excluding}: what may lie within counts as within, so that doubt never opens a way. */
    private static boolean within(GeneralName name, GeneralName base, boolean excluding) {
        return switch (name) {
            case GeneralName.Dns(String dns) ->
                base instanceof GeneralName.Dns(String tree) && dnsWithin(dns, tree, excluding);
            case GeneralName.Email(String mailbox) ->
                base instanceof GeneralName.Email(String tree) && emailWithin(mailbox, tree, excluding);
            case GeneralName.Uri(String uri) ->
                base instanceof GeneralName.Uri(String tree) && uriWithin(uri, tree, excluding);
            case GeneralName.Ip(byte[] octets) -> base instanceof GeneralName.Ip(byte[] tree) && ipWithin(octets, tree);
            case GeneralName.Directory(DistinguishedName directory) ->
                base instanceof GeneralName.Directory(DistinguishedName tree) && directory.within(tree);
            // no rule of comparison is laid down: never permitted, always excluded
            case GeneralName.RegisteredId id -> excluding;
            case GeneralName.Other other -> excluding;
            case GeneralName.Unread unread -> excluding;
        };
    }

    static boolean dnsWithin(String name, String tree, boolean excluding) {
        String host = bare(name);
        String base = bare(tree);
        if (base.isEmpty()) {
            return true;
        }
        if (base.startsWith(".")) {
            return host.endsWith(base) && host.length() > base.length();
        }
        if (host.equals(base) || host.endsWith("." + base)) {
            return true;
        }
        // *.shop.example may stand for pay.shop.example, so an exclusion of that one reaches it (CVE-2025-61727)
        if (excluding && host.startsWith("*.")) {
            String parent = host.substring(1);
            return base.endsWith(parent) && base.indexOf('.') == base.length() - parent.length();
        }
        return false;
    }

    private static boolean emailWithin(String mailbox, String tree, boolean excluding) {
        int at = mailbox.lastIndexOf('@');
        if (at < 0) {
            return excluding;
        }
        String host = bare(mailbox.substring(at + 1));
        int treeAt = tree.lastIndexOf('@');
        if (treeAt >= 0) {
            return mailbox.substring(0, at).equals(tree.substring(0, treeAt))
                    && host.equals(bare(tree.substring(treeAt + 1)));
        }
        return hostWithin(host, bare(tree));
    }

    private static boolean uriWithin(String uri, String tree, boolean excluding) {
        int start = uri.indexOf("://");
        if (start < 0) {
            return excluding;
        }
        String authority = uri.substring(start + 3).split("[/?#]", 2)[0];
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        int port = host.lastIndexOf(':');
        if (port > 0 && host.indexOf(']') < port) {
            host = host.substring(0, port);
        }
        // section 4.2.1.10: a URI without a host name of its own can be neither in a subtree nor let through
        if (host.isEmpty() || host.startsWith("[") || IpText.parse(host).isPresent()) {
            return excluding;
        }
        return hostWithin(bare(host), bare(tree));
    }

    /** A base with a leading dot means every host below, one without that host alone. */
    private static boolean hostWithin(String host, String base) {
        return base.isEmpty() || (base.startsWith(".") ? host.endsWith(base) : host.equals(base));
    }

    private static boolean ipWithin(byte[] octets, byte[] tree) {
        if (tree.length != octets.length * 2) {
            return false;
        }
        for (int i = 0; i < octets.length; i++) {
            if (((octets[i] ^ tree[i]) & tree[octets.length + i]) != 0) {
                return false;
            }
        }
        return true;
    }

    private static String bare(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.length() > 1 && lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
