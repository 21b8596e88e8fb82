package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a policy calls better without demanding it: never more than information. */
final class PreferenceRules {
    private static final String AND = " + ";

    private PreferenceRules() {}

    static void judge(Case c, Findings out) {
        for (Policy.Preference preference : c.policy().preferences()) {
            Set<String> have = new TreeSet<>();
            switch (preference.of()) {
                case "cipherSuites" -> {
                    for (ProtocolVersion version : c.accepted()) {
                        c.suites(version).forEach(suite -> have.add(suite.name()));
                    }
                }
                case "groups" -> have.addAll(c.allGroups());
                default ->
                    c.chains()
                            .forEach(chain -> chain.verdict()
                                    .leaf()
                                    .filter(leaf -> leaf.key().spki().length > 0)
                                    .ifPresent(leaf -> have.add(CertificateRules.keyText(leaf))));
            }
            List<String> wanted = preference.anyOf();
            if (!have.isEmpty() && !meets(have, wanted) && !c.unsure("/" + preference.of())) {
                out.raise("policy.preference")
                        .subject(preference.of())
                        .evidence("preferred", wanted)
                        .because(c.policy().title() + " prefers " + Words.some(wanted, 3) + "; the server has "
                                + Words.some(List.copyOf(have), 3) + ".");
            }
        }
    }

    /** Whether there is, of one of those wanted, each part. */
    private static boolean meets(Set<String> have, List<String> wanted) {
        for (String all : wanted) {
            boolean met = true;
            for (int at = 0; met && at >= 0; ) {
                int and = all.indexOf(AND, at);
                met = isIn(have, and < 0 ? all.substring(at) : all.substring(at, and));
                at = and < 0 ? -1 : and + AND.length();
            }
            if (met) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIn(Set<String> have, String pattern) {
        for (String name : have) {
            if (Globs.matches(pattern, name)) {
                return true;
            }
        }
        return false;
    }
}
