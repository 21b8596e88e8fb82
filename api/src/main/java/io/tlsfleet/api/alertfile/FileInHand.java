package io.tlsfleet.api.alertfile;

import io.tlsfleet.api.alertfile.AlertingFile.FileAcknowledgement;
import io.tlsfleet.api.notify.Routing;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.access.Audit;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Situation;
import io.tlsfleet.store.alert.Situations;
import io.tlsfleet.store.alerting.Acknowledgements;
import io.tlsfleet.store.alerting.Alerts;
import io.tlsfleet.store.alerting.Alerts.Alert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps alerts in hand as the file says: those that match are acknowledged, unless a person did it already; what the file no longer
 * says is taken back. What concerns others too stays open.
 */
final class FileInHand {
    private static final Set<String> TOLD = Set.of("pending", "firing", "flapping");
    private static final int PAGE = 500;

    private FileInHand() {}

    static void keep(List<FileAcknowledgement> said, Database database, Instant now) {
        List<FileAcknowledgement> standing =
                said.stream().filter(a -> a.until().isAfter(now)).toList();
        Alerts.Filter filter = new Alerts.Filter(standing.isEmpty() ? "acknowledged" : "open", null, null);
        long before = Long.MAX_VALUE;
        List<Alert> some;
        do {
            some = new Alerts(database.sql()).list(filter, before, PAGE);
            List<Alert> page = some;
            database.doInTransaction(sql -> look(sql, page, standing));
            before = some.isEmpty() ? before : Alerts.place(filter, some.getLast());
        } while (some.size() == PAGE);
    }

    private static void look(Sql sql, List<Alert> alerts, List<FileAcknowledgement> standing) {
        List<Alert> ours = new ArrayList<>();
        for (Alert alert : alerts) {
            boolean fromFile = alert.state().equals("acknowledged")
                    && FileApply.isAuthor(Objects.requireNonNullElse(alert.ackBy(), ""));
            if (fromFile || TOLD.contains(alert.state())) {
                ours.add(alert);
            }
        }
        if (ours.isEmpty()) {
            return;
        }
        Map<Cause, Situation> situations =
                new Situations(sql).of(ours.stream().map(FileInHand::cause).toList());
        for (Alert alert : ours) {
            Situation now = situations.get(cause(alert));
            Optional<FileAcknowledgement> said = now == null || now.groups().isEmpty()
                    ? Optional.empty()
                    : standing.stream().filter(a -> holds(a, alert, now)).findFirst();
            if (said.isPresent() && !isAsBefore(alert, said.get())) {
                acknowledge(sql, alert, said.get());
            } else if (said.isEmpty() && alert.state().equals("acknowledged")) {
                Alerts rows = new Alerts(sql);
                new Acknowledgements(sql).takeBack(rows.findings(alert));
                rows.takenBack(alert.id());
                record(sql, "alert.takeBack", alert, Map.of());
            }
        }
    }

    private static boolean holds(FileAcknowledgement said, Alert alert, Situation now) {
        return now.groups().stream()
                .allMatch(g -> Routing.hold(said.matchers(), Routing.labels(cause(alert), alert.severity(), g)));
    }

    private static boolean isAsBefore(Alert alert, FileAcknowledgement said) {
        return alert.state().equals("acknowledged")
                && FileApply.author(said.author()).equals(alert.ackBy())
                && said.reason().equals(alert.ackReason())
                && said.until().equals(alert.ackUntil());
    }

    private static void acknowledge(Sql sql, Alert alert, FileAcknowledgement said) {
        Alerts rows = new Alerts(sql);
        String by = FileApply.author(said.author());
        new Acknowledgements(sql).acknowledge(rows.findings(alert), by, said.reason(), said.until());
        rows.acknowledged(alert.id(), by, said.reason(), said.until());
        record(sql, "alert.acknowledge", alert, Map.of("reason", said.reason()));
    }

    private static void record(Sql sql, String what, Alert alert, Map<String, String> after) {
        new Audit(sql).record(new Audit.Actor(FileApply.author(null), null), what, "alert " + alert.id(), null, after);
    }

    private static Cause cause(Alert alert) {
        return new Cause(alert.rule(), alert.cause());
    }
}
