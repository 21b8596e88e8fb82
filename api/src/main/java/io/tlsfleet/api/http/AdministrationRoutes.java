package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Accounts;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.query.Page;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.Pem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Tokens and the audit log. */
final class AdministrationRoutes {
    private static final Set<String> ROLES = Set.of("viewer", "operator", "admin", "auditor", "worker", "sensor");

    private final Database database;
    private final RandomGenerator random;
    private final InstantSource clock;

    AdministrationRoutes(Database database, RandomGenerator random, InstantSource clock) {
        this.database = database;
        this.random = random;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/tokens", Access.ADMIN, x -> Answer.json(x.page(new Accounts(database.sql()).list()))),
                Route.post("/api/v1/tokens", Access.ADMIN, this::add),
                Route.delete("/api/v1/tokens/{id}", Access.ADMIN, this::revoke),
                Route.get("/api/v1/audit", Access.AUDITOR, this::audit));
    }

    private Answer add(Exchange exchange) {
        Members body = Members.of(exchange.json());
        String name = body.requiredText("name", 100);
        String role = body.word("role", ROLES);
        String site = body.text("site", 128);
        Instant expiresAt = body.instant("expiresAt");
        String pem = body.text("certificate", 100_000);
        byte[] key = pem == null ? null : keyOf(body, pem);
        if (pem != null && !"worker".equals(role)) {
            body.wrong("certificate", "certificate is for the role worker only");
        }
        if (role == null && !body.has("role")) {
            body.wrong("role", "role is missing; there are admin, auditor, operator, sensor, viewer, worker");
        }
        if ("worker".equals(role) && site == null) {
            body.wrong("site", "site is missing: a worker's token is of one site");
        } else if (site != null && !"worker".equals(role)) {
            body.wrong("site", "site is for the role worker only");
        }
        if (expiresAt != null && !expiresAt.isAfter(clock.instant())) {
            body.wrong("expiresAt", "expiresAt is in the past");
        }
        body.done();
        ApiToken token = ApiToken.random(random);
        Accounts.Kind kind = key == null ? Accounts.Kind.TOKEN : Accounts.Kind.CERTIFICATE;
        byte[] sha256 = key == null ? token.sha256() : key;
        Audit.Actor actor = exchange.auditActor();
        String as = String.valueOf(role);
        Accounts.Token made = database.inTransaction(sql -> {
            if (new Accounts(sql).has(sha256)) {
                throw Problem.invalid(
                        "certificate",
                        "this key was registered before, in force or revoked: make the worker a new one");
            }
            Accounts.Token added = new Accounts(sql)
                    .add(kind, name, sha256, as, site, actor.name(), expiresAt)
                    .orElseThrow(() -> Problem.invalid(
                            "site", "site '" + Text.shown(String.valueOf(site)) + "' is not known here"));
            new Audit(sql).record(actor, "token.add", "token " + added.id(), null, added);
            return added;
        });
        ObjectNode shown = Json.tree(made).deepCopy();
        if (key == null) {
            shown.put("token", token.text());
        } else {
            shown.put("spkiSha256", HexFormat.of().formatHex(key));
        }
        return Answer.json(201, shown);
    }

    /** SHA-256 of the public key in the first certificate; null when there is none, which {@code body} then knows. */
    private static byte @Nullable [] keyOf(Members body, String pem) {
        List<byte[]> found = Pem.certificates(pem.getBytes(StandardCharsets.ISO_8859_1));
        String spki =
                found.isEmpty() ? "" : CertificateFacts.read(found.getFirst()).spkiSha256();
        return spki.isEmpty()
                ? body.wrong("certificate", "certificate holds no PEM certificate with a public key")
                : HexFormat.of().parseHex(spki);
    }

    private Answer revoke(Exchange exchange) {
        long id = exchange.id();
        Audit.Actor actor = exchange.auditActor();
        boolean revoked = database.inTransaction(sql -> {
            boolean done = new Accounts(sql).revoke(id);
            if (done) {
                new Audit(sql).record(actor, "token.revoke", "token " + id, null, Map.of());
            }
            return done;
        });
        if (!revoked) {
            throw Problem.notFound("there is no token " + id + " that is in force");
        }
        return Answer.nothing();
    }

    private Answer audit(Exchange exchange) {
        String cursor = exchange.query("cursor");
        if (cursor != null && !cursor.matches("[0-9]{1,18}")) {
            throw Problem.invalid(
                    "cursor", "'" + Text.shown(cursor) + "' is no cursor: give nextCursor of the page before");
        }
        int limit = exchange.limit();
        List<Audit.Entry> entries =
                new Audit(database.sql()).list(cursor == null ? Long.MAX_VALUE : Long.parseLong(cursor), limit + 1);
        boolean more = entries.size() > limit;
        return Answer.json(new Page<>(
                more ? entries.subList(0, limit) : entries,
                more ? Long.toString(entries.get(limit - 1).id()) : null));
    }
}
