package io.tlsfleet.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.alertfile.FileApply;
import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.notify.Delivery;
import io.tlsfleet.api.notify.Notifier;
import io.tlsfleet.api.notify.ReceiverSettings;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.StatementRefused;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alerting.Receivers;
import io.tlsfleet.store.alerting.Receivers.Receiver;
import io.tlsfleet.store.alerting.RoutingTable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where notices go. Secrets go in and never come out. */
final class ReceiverRoutes {
    private static final String UNIQUE = "23505";

    private final Database database;
    private final Notifier notifier;
    private final SecretBox box;
    private final RandomGenerator random;

    ReceiverRoutes(Database database, Notifier notifier, SecretBox box, RandomGenerator random) {
        this.database = database;
        this.notifier = notifier;
        this.box = box;
        this.random = random;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/receivers",
                        Access.VIEWER,
                        x -> Answer.json(x.page(
                                receivers().list().stream().map(this::shown).toList()))),
                Route.post("/api/v1/receivers", Access.ADMIN, this::add),
                Route.get("/api/v1/receivers/{id}", Access.VIEWER, x -> Answer.json(shown(found(x.id())))),
                Route.put("/api/v1/receivers/{id}", Access.ADMIN, this::change),
                Route.delete("/api/v1/receivers/{id}", Access.ADMIN, this::delete),
                Route.post("/api/v1/receivers/{id}/test", Access.OPERATOR, this::test));
    }

    private Receivers receivers() {
        return new Receivers(database.sql());
    }

    private Receiver found(long id) {
        return receivers().find(id).orElseThrow(() -> Problem.notFound("there is no receiver " + id));
    }

    /** Write-only; its text shows nothing. */
    private record Secrets(List<String> urls, @Nullable String secret, Map<String, String> headers) {
        @Override
        public String toString() {
            return "Secrets[…]";
        }
    }

    private Secrets opened(Receiver receiver) {
        JsonNode json = Json.parse(new String(box.open(receiver.sealed()), StandardCharsets.UTF_8));
        List<String> urls = new ArrayList<>();
        json.path("urls").forEach(url -> urls.add(url.asText()));
        Map<String, String> headers = new LinkedHashMap<>();
        json.path("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        return new Secrets(urls, json.path("secret").textValue(), headers);
    }

    private static byte[] sealable(Secrets secrets) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!secrets.urls.isEmpty()) {
            json.put("url", secrets.urls.getFirst());
        }
        json.set("urls", Json.tree(secrets.urls));
        if (secrets.secret != null) {
            json.put("secret", secrets.secret);
        }
        json.set("headers", Json.tree(secrets.headers));
        return Json.bytes(json);
    }

    private record Given(String name, String kind, JsonNode settings, Secrets secrets) {}

    private Given given(Exchange exchange, @Nullable Secrets before) {
        Members body = Members.of(exchange.json());
        String name = body.requiredText("name", 100);
        String kind = body.word("kind", ReceiverSettings.KINDS);
        if (kind == null && !body.has("kind")) {
            body.wrong(
                    "kind",
                    "kind is missing; there are "
                            + String.join(
                                    ", ",
                                    ReceiverSettings.KINDS.stream().sorted().toList()));
        }
        String url = body.text("url", 2000);
        List<String> urls = new ArrayList<>(body.texts("urls", 10, 2000));
        if (url != null) {
            urls.addFirst(url);
        }
        String secret = body.text("secret", 500);
        Map<String, String> headers = body.map("headers", 20, 2000);
        JsonNode settings = body.any("settings");
        if (settings != null && !settings.isObject()) {
            body.wrong("settings", "expected an object");
        }
        for (String one : urls) {
            checkUrl(body, one);
        }
        headers.forEach((header, value) -> {
            if (!header.matches("[A-Za-z0-9-]{1,60}") || value.chars().anyMatch(c -> c < 32 || c > 126)) {
                body.wrong(
                        "headers/" + Text.shown(header),
                        "no header: a name of letters, digits and -, a value of printable ASCII");
            }
        });
        List<String> where = !urls.isEmpty() || before == null ? urls : before.urls();
        if (kind != null
                && ReceiverSettings.KINDS.contains(kind)
                && where.isEmpty()
                && !ReceiverSettings.URL_FREE.contains(kind)) {
            body.wrong("url", "url is missing");
        }
        String kept = secret != null || before == null ? secret : before.secret();
        if (kind != null && kept == null) {
            ReceiverSettings.neededKey(kind).ifPresent(k -> body.wrong("secret", "secret is missing: " + k));
        }
        if (kind != null && secret != null) {
            ReceiverSettings.signingObjection(kind, secret).ifPresent(why -> body.wrong("secret", why));
        }
        boolean dialled = "email".equals(kind) || "syslog".equals(kind);
        if (dialled && (settings == null || !settings.path("host").isTextual())) {
            body.wrong("settings/host", "settings/host is missing");
        }
        if (kind != null && (settings == null || settings.isObject())) {
            ReceiverSettings.objection(kind, settings == null ? JsonNodeFactory.instance.objectNode() : settings)
                    .ifPresent(o -> body.wrong("settings/" + o.field(), o.why()));
        }
        body.done();
        return new Given(
                name,
                String.valueOf(kind),
                settings == null ? JsonNodeFactory.instance.objectNode() : settings,
                new Secrets(where, kept, headers.isEmpty() && before != null ? before.headers() : headers));
    }

    private static void checkUrl(Members body, String url) {
        try {
            URI uri = new URI(url);
            boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getRawUserInfo() != null) {
                body.wrong(
                        "url",
                        "'" + Text.shown(url)
                                + "' is no URL of a receiver: https://host/path, without user and password");
            }
        } catch (URISyntaxException e) {
            body.wrong("url", "'" + Text.shown(url) + "' is no URL");
        }
    }

    private Answer add(Exchange exchange) {
        Given given = given(exchange, null);
        boolean made = given.kind.equals("webhook") && given.secrets.secret() == null;
        Secrets secrets =
                made ? new Secrets(given.secrets.urls(), signingKey(), given.secrets.headers()) : given.secrets;
        Audit.Actor actor = exchange.auditActor();
        long id = unlessTaken(
                given.name,
                () -> database.inTransaction(sql -> {
                    long added =
                            new Receivers(sql).add(given.name, given.kind, given.settings, box.seal(sealable(secrets)));
                    new Audit(sql)
                            .record(
                                    actor,
                                    "receiver.add",
                                    "receiver " + added,
                                    null,
                                    Map.of("name", given.name, "kind", given.kind));
                    return added;
                }));
        ObjectNode shown = shown(found(id));
        if (made) {
            shown.put("secret", secrets.secret());
        }
        return Answer.json(201, shown).with("Location", "/api/v1/receivers/" + id);
    }

    private String signingKey() {
        byte[] key = new byte[24];
        random.nextBytes(key);
        return "whsec_" + Base64.getEncoder().encodeToString(key);
    }

    private static long unlessTaken(String name, java.util.function.LongSupplier work) {
        try {
            return work.getAsLong();
        } catch (StatementRefused e) {
            if (e.state().equals(UNIQUE)) {
                throw Problem.conflict("name", "there is a receiver '" + Text.shown(name) + "' already");
            }
            throw e;
        }
    }

    private Answer change(Exchange exchange) {
        Receiver before = byHand(found(exchange.id()));
        Given given = given(exchange, opened(before));
        Audit.Actor actor = exchange.auditActor();
        unlessTaken(
                given.name,
                () -> database.inTransaction(sql -> {
                    new Receivers(sql)
                            .change(
                                    before.id(),
                                    given.name,
                                    given.kind,
                                    given.settings,
                                    box.seal(sealable(given.secrets)));
                    new Audit(sql)
                            .record(
                                    actor,
                                    "receiver.change",
                                    "receiver " + before.id(),
                                    Map.of("name", before.name(), "kind", before.kind()),
                                    Map.of("name", given.name, "kind", given.kind));
                    return before.id();
                }));
        return Answer.json(shown(found(before.id())));
    }

    private static Receiver byHand(Receiver receiver) {
        if (receiver.settings().path(FileApply.MARK).asBoolean()) {
            throw Problem.conflict(
                    "id", "receiver '" + Text.shown(receiver.name()) + "' is from the alerting file: change it there");
        }
        return receiver;
    }

    private Answer delete(Exchange exchange) {
        Receiver before = byHand(found(exchange.id()));
        List<Long> routes = new RoutingTable(database.sql())
                .routes().stream()
                        .filter(r -> r.receiverId() == before.id())
                        .map(RoutingTable.Route::id)
                        .toList();
        if (!routes.isEmpty()) {
            throw Problem.conflict(
                    "id",
                    "receiver '" + Text.shown(before.name()) + "' is named by route " + routes.getFirst()
                            + ": delete that first");
        }
        Audit.Actor actor = exchange.auditActor();
        database.doInTransaction(sql -> {
            new Receivers(sql).delete(before.id());
            new Audit(sql)
                    .record(actor, "receiver.delete", "receiver " + before.id(), Map.of("name", before.name()), null);
        });
        return Answer.nothing();
    }

    private Answer test(Exchange exchange) {
        Receiver receiver = found(exchange.id());
        long begin = System.nanoTime();
        Delivery delivery = notifier.test(receiver.id());
        return AlertingRoutes.result(delivery, (System.nanoTime() - begin) / 1_000_000);
    }

    private ObjectNode shown(Receiver receiver) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.put("id", receiver.id()).put("name", receiver.name()).put("kind", receiver.kind());
        shown.put("target", target(receiver));
        shown.set("settings", receiver.settings());
        shown.set("createdAt", Json.tree(receiver.createdAt()));
        shown.put(
                "state",
                receiver.disabledAt() != null ? "disabled" : receiver.failingSince() != null ? "failing" : "ok");
        if (receiver.failingSince() == null) {
            shown.putNull("failingSince");
        } else {
            shown.set("failingSince", Json.tree(receiver.failingSince()));
        }
        shown.put("pending", receiver.pending());
        return shown;
    }

    /** Scheme and host: the rest of such a URL is often the secret. */
    private @Nullable String target(Receiver receiver) {
        try {
            Secrets secrets = opened(receiver);
            if (secrets.urls().isEmpty()) {
                return null;
            }
            URI uri = URI.create(secrets.urls().getFirst());
            return uri.getScheme() + "://" + uri.getAuthority() + "/…";
        } catch (IllegalStateException e) {
            return null;
        }
    }
}
