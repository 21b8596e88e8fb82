package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Receiver;
import io.tlsfleet.store.alert.ToldRows;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/**
 * For who wants mail once an hour or a day: what is not critical is held in the queue until then, and goes out as one. What
 * was overtaken meanwhile is not in it.
 */
final class Letters {
    static final Set<String> RHYTHMS = Set.of("hourly", "daily");
    private static final String USUAL_TIME = "08:00";

    private final ToldRows told;
    private final Wording wording;
    private final Instant now;

    Letters(ToldRows told, Wording wording, Instant now) {
        this.told = told;
        this.wording = wording;
        this.now = now;
    }

    static boolean isFor(Receiver receiver) {
        return receiver.kind().equals("email")
                && RHYTHMS.contains(receiver.settings().path("digest").asText());
    }

    static boolean isHeld(Receiver receiver, Notice notice) {
        return isFor(receiver)
                && !notice.severity().equals("critical")
                && !notice.kind().equals("dead-man");
    }

    void send(List<Receiver> receivers, List<Long> queued) {
        for (Receiver receiver : receivers) {
            if (!isFor(receiver)) {
                continue;
            }
            List<ToldRows.Held> held = told.held(receiver.id());
            if (held.isEmpty() || !held.getFirst().createdAt().isBefore(last(receiver))) {
                continue;
            }
            String key = "letter-r" + receiver.id() + "-n" + held.getFirst().id() + "-"
                    + held.getLast().id();
            Notice letter = wording.letter(
                    held.stream().map(h -> Json.read(h.payload(), Notice.class)).toList(), now);
            told.enqueue(key, null, receiver.id(), Json.tree(letter), ToldRows.Way.FOLDED)
                    .ifPresent(queued::add);
            told.enclosed(held, key);
        }
    }

    /** When the latest digest was due. */
    private Instant last(Receiver receiver) {
        if (receiver.settings().path("digest").asText().equals("hourly")) {
            return now.truncatedTo(ChronoUnit.HOURS);
        }
        LocalTime time = LocalTime.parse(receiver.settings().path("digestAt").asText(USUAL_TIME));
        ZonedDateTime here =
                now.atZone(ZoneId.of(receiver.settings().path("digestZone").asText("UTC")));
        ZonedDateTime today = here.with(time);
        return (today.isAfter(here) ? today.minusDays(1) : today).toInstant();
    }
}
