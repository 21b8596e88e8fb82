package io.tlsfleet.api.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Notices that this process tried to deliver, by receiver and outcome. */
public final class NoticeCounters {
    public static final List<String> OUTCOMES = List.of("delivered", "failed", "dead", "superseded");

    private final Map<List<String>, LongAdder> counts = new ConcurrentHashMap<>();

    public void count(String receiver, String outcome) {
        counts.computeIfAbsent(List.of(receiver, outcome), k -> new LongAdder()).increment();
    }

    void write(Exposition out, Collection<String> receivers, long pending) {
        out.family("tlsfleet_notifications_total", "counter", "Attempts to deliver a notice, by receiver and outcome.");
        for (String receiver : receivers) {
            for (String outcome : OUTCOMES) {
                LongAdder count = counts.get(List.of(receiver, outcome));
                out.value(count == null ? 0 : count.sum(), "receiver", receiver, "outcome", outcome);
            }
        }
        out.family("tlsfleet_notifications_pending", "gauge", "Notices that wait to be delivered.")
                .value(pending);
    }
}
