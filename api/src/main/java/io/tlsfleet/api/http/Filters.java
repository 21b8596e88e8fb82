package io.tlsfleet.api.http;

import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.Findings;
import io.tlsfleet.store.query.History;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What lists are filtered by: a word that nothing can have is refused, as it would look like an estate without any. */
final class Filters {
    static final Set<String> SEVERITIES = Set.of("info", "low", "medium", "high", "critical");

    private static final Set<String> PROTOCOLS = Set.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");

    private static final Set<String> GRADES = Set.of("A+", "A", "A-", "B", "C", "D", "E", "F", "T", "M");

    private static final Set<String> KINDS =
            Arrays.stream(Change.Kind.values()).map(Change.Kind::word).collect(Collectors.toUnmodifiableSet());

    private static final Set<String> SUITES =
            CipherSuite.all().stream().map(CipherSuite::name).collect(Collectors.toUnmodifiableSet());

    private static final Set<String> GROUPS =
            NamedGroup.all().stream().map(NamedGroup::name).collect(Collectors.toUnmodifiableSet());

    private final Database database;
    private final CurrentPolicies policies;

    Filters(Database database, CurrentPolicies policies) {
        this.database = database;
        this.policies = policies;
    }

    Endpoints.Filter endpoints(Exchange exchange) {
        return new Endpoints.Filter(
                exchange.query("q"),
                exchange.queryWord("state", Set.of("ok", "findings", "unreachable", "never-scanned")),
                exchange.query("owner"),
                owned(exchange),
                site(exchange),
                exchange.tags(),
                policy(exchange),
                exchange.queryWord("protocol", PROTOCOLS),
                codePoint(exchange, "cipherSuite", SUITES, "TLS_AES_128_GCM_SHA256"),
                codePoint(exchange, "group", GROUPS, "x25519"),
                exchange.queryWord("grade", GRADES),
                rule(exchange),
                exchange.query("cause"),
                exchange.queryWord("severity", SEVERITIES),
                exchange.queryWord("atLeast", SEVERITIES),
                sha256(exchange.query("certificate"), "certificate"),
                exchange.query("fingerprint"),
                exchange.queryInstant("expiresBefore"));
    }

    Findings.Filter findings(Exchange exchange) {
        return new Findings.Filter(
                exchange.queryWord("state", Set.of("open", "acknowledged", "resolved")),
                exchange.queryWord("severity", SEVERITIES),
                rule(exchange),
                exchange.query("cause"),
                exchange.queryId("endpoint"),
                exchange.query("owner"),
                owned(exchange),
                site(exchange),
                exchange.tags(),
                exchange.query("q"));
    }

    static History.ChangeFilter changes(Exchange exchange) {
        return new History.ChangeFilter(
                exchange.queryId("endpoint"),
                exchange.queryWord("kind", KINDS),
                exchange.query("owner"),
                exchange.query("q"));
    }

    static @Nullable String rule(Exchange exchange) {
        return rule(exchange, Set.of());
    }

    /** One that policies have, or one of {@code more}. */
    static @Nullable String rule(Exchange exchange, Set<String> more) {
        String rule = exchange.query("rule");
        if (rule != null && Rules.find(rule) == null && !more.contains(rule)) {
            throw Problem.invalid(
                    "rule", "no rule is called '" + Text.shown(rule) + "'; there are " + near(rule, more));
        }
        return rule;
    }

    /** Those of the same kind, if there is such a kind. */
    private static String near(String rule, Set<String> more) {
        Set<String> all = new TreeSet<>(more);
        Rules.all().forEach(one -> all.add(one.id()));
        String kind = rule.replaceFirst("\\..*", ".");
        String same = all.stream().filter(id -> id.startsWith(kind)).collect(Collectors.joining(", "));
        return same.isEmpty()
                ? all.stream()
                        .map(id -> id.replaceFirst("\\..*", ".…"))
                        .distinct()
                        .collect(Collectors.joining(", "))
                : same;
    }

    /** One that is known here. */
    @Nullable
    String site(Exchange exchange) {
        return exchange.query("site") == null ? null : exchange.queryWord("site", new Targets(database.sql()).sites());
    }

    private static @Nullable Boolean owned(Exchange exchange) {
        return exchange.query("owned") == null ? null : exchange.queryFlag("owned");
    }

    private @Nullable String policy(Exchange exchange) {
        String policy = exchange.query("policy");
        return policy == null
                ? null
                : PolicyRoutes.known(policies.get(), policy, "policy").name();
    }

    /** Its name, or its number where it has none. */
    private static @Nullable String codePoint(Exchange exchange, String name, Set<String> names, String example) {
        String given = exchange.query(name);
        if (given != null && !names.contains(given) && !given.matches("0x([0-9A-F]{4}|[0-9A-F]{6})")) {
            throw Problem.invalid(
                    name,
                    "'" + Text.shown(given) + "' is no " + name + ": give the name that IANA has, such as " + example
                            + ", or 0x and the digits of one without a name");
        }
        return given;
    }

    static @Nullable String sha256(@Nullable String text, String name) {
        if (text != null && !text.matches("[0-9a-fA-F]{64}")) {
            throw Problem.invalid(name, "'" + Text.shown(text) + "' is no SHA-256: 64 hexadecimal digits");
        }
        return text;
    }
}
