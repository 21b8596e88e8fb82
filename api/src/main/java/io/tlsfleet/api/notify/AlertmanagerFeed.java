package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/**
 * Alerts in the form of Alertmanager's API v2: few labels from closed sets, the rest in annotations, {@code endsAt} four
 * resends ahead so that one lost post ends nothing.
 */
final class AlertmanagerFeed {
    static final Duration RESEND = Duration.ofSeconds(60);
    static final int BATCH = 64;

    private AlertmanagerFeed() {}

    static ObjectNode alert(Notice notice) {
        ObjectNode alert = JsonNodeFactory.instance.objectNode();
        ObjectNode labels = alert.putObject("labels");
        labels.put("alertname", notice.rule() == null ? "tlsfleet." + notice.kind() : notice.rule());
        labels.put("severity", notice.severity());
        labels.put("subject", notice.alert());
        if (notice.owners().size() == 1) {
            labels.put("team", Rendering.shown(notice.owners().getFirst()));
        }
        ObjectNode annotations = alert.putObject("annotations");
        annotations.put("summary", Rendering.shown(notice.subject()));
        annotations.put("description", Rendering.plain(notice));
        if (!notice.standsForMany()) {
            annotations.put("endpoints", Integer.toString(notice.endpoints()));
        }
        alert.put("startsAt", (notice.since() == null ? notice.at() : notice.since()).toString());
        alert.put("endsAt", (notice.isOver() ? notice.at() : notice.at().plus(RESEND.multipliedBy(4))).toString());
        if (notice.link() != null) {
            alert.put("generatorURL", notice.link());
        }
        return alert;
    }
}
