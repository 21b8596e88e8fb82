package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.policy.TrustBook;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.ingest.Reevaluations;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.store.policy.StoredAnchors;
import io.tlsfleet.store.query.Page;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.Pem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Anchors of a private PKI, for everybody or for a host, a site, an owner or a tag; a change has everything judged again. */
final class TrustRoutes {
    private static final int LONGEST = 1 << 20;
    private static final int MOST = 200;

    private final Database database;
    private final CurrentPolicies current;
    private final Runnable wake;

    TrustRoutes(Database database, CurrentPolicies current, Runnable wake) {
        this.database = database;
        this.current = current;
        this.wake = wake;
    }

    List<Route> routes() {
        return List.of(
                Route.get(
                        "/api/v1/trust-anchors",
                        Access.VIEWER,
                        x -> Answer.json(x.page(shown(new StoredAnchors(database.sql()).all())))),
                Route.post("/api/v1/trust-anchors", Access.OPERATOR, this::add),
                Route.delete("/api/v1/trust-anchors/{id}", Access.OPERATOR, this::remove));
    }

    private Answer add(Exchange exchange) {
        Members body = Members.of(exchange.json());
        String pem = body.requiredText("pem", LONGEST);
        String host = body.text("host", 255);
        String owner = body.text("owner", 200);
        String tag = body.text("tag", 1200);
        String site = body.site("site", new Targets(database.sql()).sites());
        List<TrustBook.Anchor> anchors = new ArrayList<>();
        List<byte[]> certificates = Pem.certificates(pem.getBytes(StandardCharsets.ISO_8859_1));
        if (!pem.isBlank() && (certificates.isEmpty() || certificates.size() > MOST)) {
            body.wrong(
                    "pem",
                    certificates.isEmpty()
                            ? "no certificate in it: give PEM, -----BEGIN CERTIFICATE-----"
                            : "more than " + MOST + " certificates at once");
        }
        for (byte[] der : certificates) {
            CertificateFacts certificate = CertificateFacts.read(der);
            if (certificate.malformed()) {
                body.wrong(
                        "pem",
                        "a certificate in it cannot be read: "
                                + Text.shown(certificate.defects().getFirst().detail()));
            }
            try {
                anchors.add(new TrustBook.Anchor(certificate.sha256(), der, host, owner, tag, site));
            } catch (IllegalArgumentException e) {
                body.wrong("tag", Text.shown(String.valueOf(e.getMessage())));
                break;
            }
        }
        body.done();
        Audit.Actor actor = exchange.auditActor();
        List<StoredAnchors.Kept> kept = database.inTransaction(sql -> {
            StoredAnchors stored = new StoredAnchors(sql);
            List<StoredAnchors.Kept> added = anchors.stream()
                    .map(anchor -> stored.add(anchor, actor.name()))
                    .toList();
            for (StoredAnchors.Kept one : added) {
                new Audit(sql).record(actor, "trust.add", "anchor " + one.sha256(), null, shown(one));
            }
            return added;
        });
        changed(actor, kept.size() == 1 ? "an anchor is trusted" : kept.size() + " anchors are trusted");
        return Answer.json(201, Page.all(shown(kept)));
    }

    private Answer remove(Exchange exchange) {
        long id = exchange.id();
        Audit.Actor actor = exchange.auditActor();
        Optional<StoredAnchors.Kept> gone = database.inTransaction(sql -> {
            Optional<StoredAnchors.Kept> removed = new StoredAnchors(sql).remove(id);
            removed.ifPresent(
                    one -> new Audit(sql).record(actor, "trust.remove", "anchor " + one.sha256(), shown(one), null));
            return removed;
        });
        if (gone.isEmpty()) {
            throw Problem.notFound("there is no anchor " + id);
        }
        changed(actor, "an anchor is no longer trusted");
        return Answer.nothing();
    }

    private static List<Map<String, @Nullable Object>> shown(List<StoredAnchors.Kept> all) {
        return all.stream().map(TrustRoutes::shown).toList();
    }

    private static Map<String, @Nullable Object> shown(StoredAnchors.Kept kept) {
        CertificateFacts certificate = CertificateFacts.read(kept.der());
        Map<String, @Nullable Object> item = new LinkedHashMap<>();
        item.put("id", kept.id());
        item.put("sha256", kept.sha256());
        item.put("subject", certificate.subject().text());
        item.put("notAfter", certificate.notAfter());
        item.put("host", kept.host());
        item.put("owner", kept.owner());
        item.put("tag", kept.tag());
        item.put("site", kept.site());
        item.put("createdAt", kept.createdAt());
        item.put("createdBy", kept.createdBy());
        item.put("pem", certificate.pem());
        return item;
    }

    /** Judged again once every process trusts what is new. */
    private void changed(Audit.Actor actor, String what) {
        current.refresh();
        new Reevaluations(database).request(actor.name(), what, CurrentPolicies.STALE);
        wake.run();
    }
}
