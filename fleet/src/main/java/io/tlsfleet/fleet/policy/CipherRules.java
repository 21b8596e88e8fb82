package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What the accepted suites are worth. */
final class CipherRules {
    private CipherRules() {}

    static void judge(Case c, Findings out) {
        each(c, out, "cipher.null", (v, s) -> s.known() && !s.encrypts());
        each(c, out, "cipher.anonymous", (v, s) -> s.facts().isAnonymous());
        each(c, out, "cipher.export", (v, s) -> s.facts().isExport());
        each(c, out, "cipher.rc4", (v, s) -> s.is("RC4"));
        each(c, out, "cipher.des", (v, s) -> s.is("DES"));
        each(c, out, "cipher.rc2", (v, s) -> s.is("RC2"));
        each(c, out, "cipher.triple-des", (v, s) -> s.smallBlock());
        each(c, out, "cipher.no-forward-secrecy", (v, s) -> !ssl2(v) && s.staticKeyExchange());
        each(c, out, "cipher.cbc-with-tls10", (v, s) -> beast(v) && s.cbc());
        each(c, out, "cipher.cbc", (v, s) -> !ssl2(v) && s.cbc());
        each(
                c,
                out,
                "cipher.not-in-policy",
                (v, s) -> !ssl2(v) && !c.policy().cipherSuites().permits(s.name()));
        weakFirst(c, out);
    }

    private static boolean ssl2(ProtocolVersion version) {
        return version.equals(ProtocolVersion.SSL_2);
    }

    private static boolean beast(ProtocolVersion version) {
        return version.equals(ProtocolVersion.SSL_3) || version.equals(ProtocolVersion.TLS_1_0);
    }

    /** One finding that names all suites for which it holds, and the versions they were accepted in. */
    private static void each(Case c, Findings out, String rule, BiPredicate<ProtocolVersion, Suite> holds) {
        Map<String, List<String>> where = new LinkedHashMap<>();
        ProtocolVersion version = null;
        Suite first = null;
        for (ProtocolVersion accepted : c.accepted().reversed()) {
            for (Suite suite : c.suites(accepted)) {
                if (holds.test(accepted, suite)) {
                    where.computeIfAbsent(suite.name(), n -> new ArrayList<>()).add(accepted.label());
                    if (first == null) {
                        version = accepted;
                        first = suite;
                    }
                }
            }
        }
        if (first != null && version != null) {
            out.raise(rule)
                    .evidence("cipherSuites", where)
                    .reproduce(c.commands().suite(version, first))
                    .because(sentence(where));
        }
    }

    private static String sentence(Map<String, List<String>> where) {
        Map<List<String>, List<String>> byVersions = new LinkedHashMap<>();
        where.forEach((suite, versions) ->
                byVersions.computeIfAbsent(versions, v -> new ArrayList<>()).add(suite));
        StringBuilder text = new StringBuilder();
        byVersions.forEach((versions, suites) -> text.append(text.isEmpty() ? "" : "; ")
                .append(Words.some(suites, 6))
                .append(suites.size() == 1 ? " is accepted (" : " are accepted (")
                .append(Words.all(
                        versions.reversed().stream().map(Words::version).toList()))
                .append(')'));
        return text.append('.').toString();
    }

    private static void weakFirst(Case c, Findings out) {
        for (ProtocolVersion version : c.accepted()) {
            if (ssl2(version) || version.equals(ProtocolVersion.TLS_1_3) || !"server".equals(c.order(version))) {
                continue;
            }
            List<Suite> suites = c.suites(version);
            Inversion worst = inversion(suites);
            if (worst != null) {
                out.raise("cipher.weak-first")
                        .subject(version.label())
                        .evidence("protocol", version.label())
                        .evidence("order", suites.stream().map(Suite::name).toList())
                        .evidence("weaker", worst.weaker().name())
                        .evidence("stronger", worst.stronger().name())
                        .reproduce(c.commands().openssl(Commands.version(version)) + " | grep 'Cipher is'")
                        .because("In " + Words.version(version) + " the server puts "
                                + worst.weaker().name() + " above "
                                + worst.stronger().name() + ", so a client that has both gets the weaker one.");
            }
        }
    }

    private record Inversion(Suite weaker, Suite stronger) {}

    /** The pair with the greatest step up, the earliest of its kind; null when the order never steps up. */
    private static @Nullable Inversion inversion(List<Suite> suites) {
        Inversion worst = null;
        for (int i = 0; i < suites.size(); i++) {
            for (int j = i + 1; j < suites.size(); j++) {
                Suite above = suites.get(i);
                Suite below = suites.get(j);
                int step = rank(below) - rank(above);
                if (above.known()
                        && below.known()
                        && step > 0
                        && (worst == null || step > rank(worst.stronger()) - rank(worst.weaker()))) {
                    worst = new Inversion(above, below);
                }
            }
        }
        return worst;
    }

    /**
     * Broken, 64-bit blocks, no forward secrecy, sound; the low bit says authenticated encryption. Key sizes do not count, and
     * of two that are broken none is the stronger.
     */
    private static int rank(Suite s) {
        if (s.broken()) {
            return 0;
        }
        int rank = s.smallBlock() ? 1 : s.staticKeyExchange() ? 2 : 3;
        return rank * 2 + (s.aead() ? 1 : 0);
    }
}
