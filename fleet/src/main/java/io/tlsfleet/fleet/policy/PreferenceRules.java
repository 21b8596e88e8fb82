package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a policy calls better without demanding it: never more than information. */
final class PreferenceRules {
    private static final Pattern AND = Pattern.compile(" + ", Pattern.LITERAL);

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
            List<String> wanted = new ArrayList<>(preference.anyOf());
            boolean met = wanted.stream()
                    .anyMatch(all -> AND.splitAsStream(all)
                            .allMatch(one -> have.stream().anyMatch(name -> Globs.matches(one, name))));
            if (!have.isEmpty() && !met && !c.unsure("/" + preference.of())) {
                out.raise("policy.preference")
                        .subject(preference.of())
                        .evidence("preferred", wanted)
                        .because(c.policy().title() + " prefers " + Words.some(wanted, 3) + "; the server has "
                                + Words.some(List.copyOf(have), 3) + ".");
            }
        }
    }
}
