package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.CertificateExtensions.PolicyConstraints;
import io.tlsfleet.tls.x509.CertificateExtensions.PolicyMapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Certificate policies down a path (RFC 5280 section 6.1) on the graph of RFC 9618, which grows with the number of
 * policies and not with its power (CVE-2023-0464).
 */
final class PolicyCheck {
    static final String ANY = "2.5.29.32.0";

    private static final class Node {
        final Set<String> parents = new LinkedHashSet<>();
        Set<String> expected = new LinkedHashSet<>();
    }

    private final ChainQuestion.Policy inputs;
    private @Nullable List<Map<String, Node>> levels = new ArrayList<>();

    private PolicyCheck(ChainQuestion.Policy inputs) {
        this.inputs = inputs;
        Node root = new Node();
        root.expected.add(ANY);
        Map<String, Node> first = new HashMap<>();
        first.put(ANY, root);
        levels = new ArrayList<>(List.of(first));
    }

    /** {@code path} is leaf first, anchor last; the anchor's own policies are no part of the algorithm. */
    static Optional<String> violation(List<CertificateFacts> path, ChainQuestion.Policy inputs) {
        return new PolicyCheck(inputs).run(path.subList(0, path.size() - 1).reversed());
    }

    private Optional<String> run(List<CertificateFacts> certificates) {
        int n = certificates.size();
        int explicit = inputs.explicit() ? 0 : n + 1;
        int mapping = inputs.inhibitMapping() ? 0 : n + 1;
        int any = inputs.inhibitAny() ? 0 : n + 1;
        for (int i = 0; i < n; i++) {
            CertificateFacts certificate = certificates.get(i);
            CertificateExtensions extensions = certificate.extensions();
            boolean last = i == n - 1;
            boolean selfIssued = certificate.selfIssued();
            policies(extensions.policies(), any > 0 || !last && selfIssued);
            if (explicit == 0 && empty()) {
                return Optional.of("an explicit policy is required and none is valid at "
                        + certificate.subject().shortText());
            }
            PolicyConstraints constraints = extensions.policyConstraints();
            if (last) {
                explicit = Math.max(0, explicit - 1);
                if (constraints != null && Integer.valueOf(0).equals(constraints.requireExplicitPolicy())) {
                    explicit = 0;
                }
                break;
            }
            List<PolicyMapping> mappings = extensions.policyMappings();
            if (mappings != null) {
                for (PolicyMapping map : mappings) {
                    if (map.issuerDomain().equals(ANY) || map.subjectDomain().equals(ANY)) {
                        return Optional.of("anyPolicy is mapped in "
                                + certificate.subject().shortText());
                    }
                }
                map(mappings, mapping > 0);
            }
            if (!selfIssued) {
                explicit = Math.max(0, explicit - 1);
                mapping = Math.max(0, mapping - 1);
                any = Math.max(0, any - 1);
            }
            if (constraints != null) {
                Integer require = constraints.requireExplicitPolicy();
                Integer inhibit = constraints.inhibitPolicyMapping();
                explicit = require == null ? explicit : Math.min(explicit, require);
                mapping = inhibit == null ? mapping : Math.min(mapping, inhibit);
            }
            Integer inhibitAny = extensions.inhibitAnyPolicy();
            any = inhibitAny == null ? any : Math.min(any, inhibitAny);
        }
        return explicit == 0 && !acceptable()
                ? Optional.of("an explicit policy is required and no acceptable one is valid")
                : Optional.empty();
    }

    private boolean empty() {
        return levels == null;
    }

    /** Section 6.1.3 (d) and (e). */
    private void policies(@Nullable List<String> policies, boolean anyCounts) {
        if (levels == null) {
            return;
        }
        if (policies == null) {
            levels = null;
            return;
        }
        Map<String, Node> above = levels.getLast();
        Map<String, Set<String>> parentsByExpected = new HashMap<>();
        above.forEach((policy, node) -> node.expected.forEach(expected -> parentsByExpected
                .computeIfAbsent(expected, key -> new LinkedHashSet<>())
                .add(policy)));
        Map<String, Node> level = new HashMap<>();
        for (String policy : policies) {
            if (policy.equals(ANY)) {
                continue;
            }
            Set<String> parents = parentsByExpected.get(policy);
            if (parents != null) {
                add(level, policy, parents);
            } else if (above.containsKey(ANY)) {
                add(level, policy, Set.of(ANY));
            }
        }
        if (policies.contains(ANY) && anyCounts) {
            parentsByExpected.forEach((expected, parents) -> {
                if (!level.containsKey(expected)) {
                    add(level, expected, parents);
                }
            });
        }
        if (level.isEmpty()) {
            levels = null;
        } else {
            levels.add(level);
        }
    }

    private static void add(Map<String, Node> level, String policy, Set<String> parents) {
        Node node = level.computeIfAbsent(policy, key -> new Node());
        node.parents.addAll(parents);
        node.expected.add(policy);
    }

    /** Section 6.1.4 (b). */
    private void map(List<PolicyMapping> mappings, boolean allowed) {
        if (levels == null) {
            return;
        }
        Map<String, Node> level = levels.getLast();
        Map<String, Set<String>> targets = new HashMap<>();
        mappings.forEach(map -> targets.computeIfAbsent(map.issuerDomain(), key -> new LinkedHashSet<>())
                .add(map.subjectDomain()));
        targets.forEach((policy, subjects) -> {
            if (!allowed) {
                level.remove(policy);
                return;
            }
            Node node = level.get(policy);
            if (node == null && level.containsKey(ANY)) {
                add(level, policy, Set.of(ANY));
                node = level.get(policy);
            }
            if (node != null) {
                node.expected = new LinkedHashSet<>(subjects);
            }
        });
        if (level.isEmpty()) {
            levels = null;
        }
    }

    /** Section 6.1.5 (g): does anything of the graph meet what the relying party wants? */
    private boolean acceptable() {
        if (levels == null) {
            return false;
        }
        Set<String> wanted = inputs.acceptable();
        if (wanted == null || wanted.contains(ANY)) {
            return true;
        }
        Set<String> reachable = new HashSet<>(levels.getLast().keySet());
        if (reachable.contains(ANY)) {
            return true;
        }
        Set<String> authorities = new HashSet<>();
        for (int i = levels.size() - 1; i > 0; i--) {
            Set<String> above = new HashSet<>();
            for (String policy : reachable) {
                Node node = levels.get(i).get(policy);
                if (node == null) {
                    continue;
                }
                if (node.parents.contains(ANY)) {
                    authorities.add(policy);
                }
                above.addAll(node.parents);
            }
            above.remove(ANY);
            reachable = above;
        }
        authorities.retainAll(wanted);
        return !authorities.isEmpty();
    }
}
