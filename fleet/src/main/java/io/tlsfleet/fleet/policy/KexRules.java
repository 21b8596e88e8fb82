package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How keys are agreed: finite-field groups, curves, hybrids, and what the server signs with. */
final class KexRules {
    private static final Pattern CURVE_BITS = Pattern.compile("sec[pt](\\d+)[kr]\\d");
    private static final String HYBRID = "X25519MLKEM768";

    private KexRules() {}

    static void judge(Case c, Findings out) {
        finiteField(c, out);
        groups(c, out, "kex.group-weak", KexRules::weak, "below 224 bits");
        groups(
                c,
                out,
                "kex.group-not-in-policy",
                group -> !c.policy().groups().permits(group),
                "not on the list of " + c.policy().label());
        if (c.accepts(ProtocolVersion.TLS_1_3) && !c.unsure("/groups/TLSv1.3")) {
            postQuantum(c, out);
        }
        schemes(c, out, "signature.sha1-accepted", name -> name.endsWith("_sha1"));
        schemes(c, out, "signature.md5-accepted", name -> name.endsWith("_md5"));
        schemes(
                c,
                out,
                "signature.not-in-policy",
                name -> !c.policy().signatureSchemes().permits(name));
    }

    private static void finiteField(Case c, Findings out) {
        List<Observation.FiniteFieldDh> all = c.facts().finiteFieldDh();
        if (all == null) {
            return;
        }
        List<Observation.FiniteFieldDh> weak =
                all.stream().filter(dh -> dh.bits() < 2048).toList();
        if (!weak.isEmpty()) {
            int least = weak.stream()
                    .mapToInt(Observation.FiniteFieldDh::bits)
                    .min()
                    .orElseThrow();
            out.raise("kex.dh-weak")
                    .severity(least < 1024 ? Severity.CRITICAL : Severity.HIGH)
                    .evidence("finiteFieldDh", weak)
                    .reproduce(c.commands().openssl("-tls1_2 -cipher kDHE@SECLEVEL=0") + " | grep 'Server Temp Key'")
                    .because(shown(weak));
        }
        List<Observation.FiniteFieldDh> common =
                weak.stream().filter(dh -> !dh.prime().startsWith("sha256:")).toList();
        if (!common.isEmpty()) {
            boolean logjam = common.stream().anyMatch(dh -> dh.bits() <= 1024);
            out.raise("kex.dh-common-prime")
                    .severity(logjam ? Severity.HIGH : Severity.LOW)
                    .evidence("finiteFieldDh", common)
                    .reproduce(c.commands().openssl("-tls1_2 -cipher kDHE@SECLEVEL=0") + " | grep 'Server Temp Key'")
                    .because("The prime is known by name: " + shown(common));
        }
        List<Observation.FiniteFieldDh> small = all.stream()
                .filter(dh -> dh.bits() >= 2048 && dh.bits() < c.policy().minimumDhBits())
                .toList();
        if (!small.isEmpty()) {
            out.raise("kex.group-not-in-policy")
                    .subject("finite-field")
                    .evidence("finiteFieldDh", small)
                    .reproduce(c.commands().openssl("-tls1_2 -cipher kDHE@SECLEVEL=0") + " | grep 'Server Temp Key'")
                    .because(shown(small) + " The policy asks for " + c.policy().minimumDhBits() + " bits.");
        }
    }

    private static String shown(List<Observation.FiniteFieldDh> all) {
        Map<String, Set<String>> versions = new LinkedHashMap<>();
        for (Observation.FiniteFieldDh dh : all) {
            String prime = dh.prime().startsWith("sha256:") ? "a prime of its own" : dh.prime();
            versions.computeIfAbsent(dh.bits() + " bits (" + prime + ")", p -> new LinkedHashSet<>())
                    .add(Words.version(dh.protocol()));
        }
        List<String> parts = new ArrayList<>();
        versions.forEach((what, in) -> parts.add(what + " in " + Words.all(in)));
        return "Finite-field Diffie-Hellman with " + Words.all(parts) + ".";
    }

    private static void groups(Case c, Findings out, String rule, Predicate<String> breaks, String how) {
        Map<String, List<String>> where = new LinkedHashMap<>();
        for (ProtocolVersion version : c.accepted()) {
            for (String group : c.groups(version)) {
                if (breaks.test(group)) {
                    where.computeIfAbsent(group, g -> new ArrayList<>()).add(version.label());
                }
            }
        }
        if (!where.isEmpty()) {
            List<String> names = List.copyOf(where.keySet());
            out.raise(rule)
                    .evidence("groups", where)
                    .reproduce(c.commands()
                            .group(
                                    Objects.requireNonNull(where.get(names.getFirst()))
                                            .getLast(),
                                    names.getFirst()))
                    .because(Words.some(names, 6) + (names.size() == 1 ? " is" : " are") + " accepted, " + how + ".");
        }
    }

    private static boolean weak(String group) {
        Matcher bits = CURVE_BITS.matcher(group);
        return bits.matches() && Integer.parseInt(bits.group(1)) < 224;
    }

    private static void postQuantum(Case c, Findings out) {
        List<String> groups = c.groups(ProtocolVersion.TLS_1_3);
        if (groups.isEmpty()) {
            return;
        }
        boolean hybrid = groups.stream().anyMatch(group -> group.contains("MLKEM"));
        List<String> drafts =
                groups.stream().filter(group -> group.contains("Kyber")).toList();
        if (!hybrid && !drafts.isEmpty()) {
            out.raise("kex.post-quantum-draft")
                    .evidence("groups", groups)
                    .reproduce(hybrid(c))
                    .because(Words.all(drafts) + " is accepted and no standard hybrid group is.");
        } else if (!hybrid) {
            out.raise("kex.post-quantum-missing")
                    .evidence("groups", groups)
                    .reproduce(hybrid(c))
                    .because("TLS 1.3 agrees keys with " + Words.some(groups, 5) + " only.");
        } else if (groups.contains(HYBRID) && groups.contains("x25519")) {
            Observation.Negotiated negotiated = c.facts().negotiated();
            boolean chose = negotiated != null && "x25519".equals(negotiated.group());
            Map<String, Observation.Groups> all = c.facts().groups();
            Observation.Groups tls13 = all == null ? null : all.get("TLSv1.3");
            boolean stays = tls13 != null && Boolean.TRUE.equals(tls13.prefersOfferedShare());
            if (chose || stays) {
                out.raise("kex.post-quantum-not-preferred")
                        .evidence("groups", groups)
                        .reproduce(Commands.needs(
                                c.commands().openssl("-tls1_3 -groups x25519:" + HYBRID) + " | grep 'Temp Key\\|group'",
                                Commands.HYBRID))
                        .because(
                                chose
                                        ? "A client that offers " + HYBRID + " and x25519 gets x25519."
                                        : "A client that lists " + HYBRID + " and sends an x25519 share gets x25519.");
            }
        }
    }

    private static String hybrid(Case c) {
        return Commands.needs(c.commands().openssl("-tls1_3 -groups " + HYBRID), Commands.HYBRID);
    }

    private static void schemes(Case c, Findings out, String rule, Predicate<String> breaks) {
        Map<String, List<String>> all = c.facts().signatureSchemes();
        if (all == null) {
            return;
        }
        Map<String, List<String>> where = new LinkedHashMap<>();
        all.forEach((version, names) -> {
            List<String> broken = names.stream().filter(breaks).toList();
            if (!broken.isEmpty()) {
                where.put(version, broken);
            }
        });
        if (!where.isEmpty()) {
            Set<String> names = new LinkedHashSet<>();
            where.values().forEach(names::addAll);
            out.raise(rule)
                    .evidence("signatureSchemes", where)
                    .reproduce(command(
                            c,
                            where.keySet().iterator().next(),
                            names.iterator().next()))
                    .because("The server signs its handshake with " + Words.all(names) + " for a client that asks ("
                            + Words.all(
                                    where.keySet().stream().map(Words::version).toList()) + ").");
        }
    }

    private static String command(Case c, String version, String scheme) {
        String command = c.commands()
                .openssl((version.equals("TLSv1.3") ? "-tls1_3" : "-tls1_2 -cipher DEFAULT@SECLEVEL=0") + " -sigalgs "
                        + Commands.quoted(openSsl(scheme)));
        return scheme.endsWith("_md5")
                ? Commands.needs(command, "OpenSSL 3 knows no MD5 here: it takes 1.1.1 or older")
                : command + " | grep 'Peer signing digest'";
    }

    /** OpenSSL takes the names of TLS 1.3 schemes as they are and the older ones as RSA+SHA1. */
    private static String openSsl(String scheme) {
        return switch (scheme) {
            case "rsa_pkcs1_md5" -> "RSA+MD5";
            case "rsa_pkcs1_sha1" -> "RSA+SHA1";
            case "rsa_pkcs1_sha224" -> "RSA+SHA224";
            case "dsa_sha1" -> "DSA+SHA1";
            case "ecdsa_sha1" -> "ECDSA+SHA1";
            case "ecdsa_sha224" -> "ECDSA+SHA224";
            default -> scheme;
        };
    }
}
