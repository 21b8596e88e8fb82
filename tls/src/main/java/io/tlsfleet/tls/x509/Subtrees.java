package io.tlsfleet.tls.x509;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether the names of a certificate lie where an issuer's NameConstraints want them (RFC 5280 section 4.2.1.10). */
final class Subtrees {
    /** Names times subtrees that one pair of certificates may need; as many as BoringSSL compares. */
    private static final long MAX_COMPARISONS = 1 << 20;

    private Subtrees() {}

    /**
     * A name made ready to be compared many times: {@code host} is the part that a subtree is about, in lower case
     * without a trailing dot, and empty when the name has none.
     */
    private record Name(GeneralName name, String host) {
        static Name of(GeneralName name) {
            return new Name(
                    name,
                    switch (name) {
                        case GeneralName.Dns(String dns) -> bare(dns);
                        case GeneralName.Email(String mailbox) -> bare(mailbox.substring(mailbox.lastIndexOf('@') + 1));
                        // section 4.2.1.10: one without a host name of its own lies in no subtree and is not let
                        // through
                        case GeneralName.Uri(String uri) -> uri.contains("://") ? uriHost(uri) : "";
                        default -> "";
                    });
        }

        /** A base of URIs is the host alone; whoever excludes a whole URI means its host. */
        static Name base(GeneralName name, boolean excluding) {
            return name instanceof GeneralName.Uri(String uri) && !(excluding && uri.contains("://"))
                    ? new Name(name, bare(uri))
                    : of(name);
        }

        boolean sameKind(Name other) {
            return name.getClass() == other.name.getClass()
                    && (!(name instanceof GeneralName.Other(String oid, byte[] a, String b))
                            || !(other.name instanceof GeneralName.Other(String otherOid, byte[] c, String d))
                            || oid.equals(otherOid));
        }
    }

    /** The first name that breaks the constraints, and how; empty when none does. */
    static Optional<String> violation(NameConstraints constraints, CertificateFacts certificate, Budget budget) {
        List<Name> names = names(certificate);
        List<Name> permitted = constraints.permitted().stream()
                .map(base -> Name.base(base, false))
                .toList();
        List<Name> excluded = constraints.excluded().stream()
                .map(base -> Name.base(base, true))
                .toList();
        long uris = count(names, true) * (count(permitted, true) + count(excluded, true));
        // the subject comes on top of what is counted: every certificate has one
        long subject = certificate.subject().isEmpty() ? 0 : 1;
        long others = (count(names, false) - subject) * (count(permitted, false) + count(excluded, false));
        if (others > MAX_COMPARISONS || uris > 4 * MAX_COMPARISONS || !budget.comparisons(uris + others)) {
            return Optional.of("more names and constraints than are compared");
        }
        for (Name name : names) {
            for (Name base : excluded) {
                if (name.sameKind(base) && within(name, base, true)) {
                    return Optional.of(name.name.text() + " lies in the excluded subtree " + base.name.text());
                }
            }
            boolean constrained = false;
            boolean allowed = false;
            for (Name base : permitted) {
                if (name.sameKind(base)) {
                    constrained = true;
                    if (within(name, base, false)) {
                        allowed = true;
                        break;
                    }
                }
            }
            if (constrained && !allowed) {
                return Optional.of(name.name.text() + " lies in no permitted subtree");
            }
        }
        return Optional.empty();
    }

    private static long count(List<Name> names, boolean uris) {
        return names.stream()
                .filter(name -> name.name instanceof GeneralName.Uri == uris)
                .count();
    }

    /** Subject, subjectAltName, and what old certificates have in the subject instead. */
    private static List<Name> names(CertificateFacts certificate) {
        List<GeneralName> names = new ArrayList<>(certificate.extensions().altNames());
        boolean mailbox = names.stream().anyMatch(GeneralName.Email.class::isInstance);
        boolean server =
                names.stream().anyMatch(name -> name instanceof GeneralName.Dns || name instanceof GeneralName.Ip);
        if (!mailbox) {
            certificate
                    .subject()
                    .values("1.2.840.113549.1.9.1")
                    .forEach(address -> names.add(new GeneralName.Email(address)));
        }
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
        List<Name> ready = new ArrayList<>(names.size() + 1);
        names.forEach(name -> ready.add(Name.of(name)));
        if (!certificate.subject().isEmpty()) {
            ready.add(Name.of(new GeneralName.Directory(certificate.subject())));
        }
        return ready;
    }

    /** {@code excluding}: what may lie within counts as within, so that doubt never opens a way. */
    private static boolean within(Name name, Name base, boolean excluding) {
        return switch (name.name) {
            // no client takes a name that ends with a dot, here or there
            case GeneralName.Dns(String dns) ->
                (excluding
                                || !dns.endsWith(".")
                                        && !(base.name instanceof GeneralName.Dns(String tree) && rooted(tree)))
                        && dnsWithin(name.host, base.host, excluding);
            case GeneralName.Email(String mailbox) ->
                base.name instanceof GeneralName.Email(String tree)
                        && emailWithin(mailbox, name.host, tree, base.host, excluding);
            case GeneralName.Uri uri -> name.host.isEmpty() ? excluding : hostWithin(name.host, base.host);
            case GeneralName.Ip(byte[] octets) ->
                base.name instanceof GeneralName.Ip(byte[] tree) && ipWithin(octets, tree);
            case GeneralName.Directory(DistinguishedName directory) ->
                base.name instanceof GeneralName.Directory(DistinguishedName tree) && directory.within(tree);
            // no rule of comparison is laid down: never permitted, always excluded
            case GeneralName.RegisteredId id -> excluding;
            case GeneralName.Other other -> excluding;
            case GeneralName.Unread unread -> excluding;
        };
    }

    private static boolean rooted(String name) {
        return name.length() > 1 && name.endsWith(".");
    }

    private static boolean dnsWithin(String host, String base, boolean excluding) {
        if (base.isEmpty()) {
            return true;
        }
        if (base.startsWith(".")) {
            return host.endsWith(base) && (excluding || host.length() > base.length());
        }
        if (host.endsWith(base)
                && (host.length() == base.length() || host.charAt(host.length() - base.length() - 1) == '.')) {
            return true;
        }
        // *.shop.example may stand for pay.shop.example, so an exclusion of that one reaches it (CVE-2025-61727)
        if (excluding && host.startsWith("*.")) {
            String parent = host.substring(1);
            return base.endsWith(parent) && base.indexOf('.') == base.length() - parent.length();
        }
        return false;
    }

    private static boolean emailWithin(String mailbox, String host, String tree, String treeHost, boolean excluding) {
        int at = mailbox.lastIndexOf('@');
        if (at < 0) {
            return excluding;
        }
        int treeAt = tree.lastIndexOf('@');
        if (treeAt >= 0) {
            return host.equals(treeHost) && mailbox.substring(0, at).equals(tree.substring(0, treeAt));
        }
        return hostWithin(host, treeHost);
    }

    private static String uriHost(String uri) {
        String authority = uri.substring(uri.indexOf("://") + 3).split("[/?#]", 2)[0];
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        int port = host.lastIndexOf(':');
        if (port > 0 && host.indexOf(']') < port) {
            host = host.substring(0, port);
        }
        return host.startsWith("[") || IpText.parse(host).isPresent() ? "" : bare(host);
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
