package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Dns;
import io.tlsfleet.fleet.observation.Observation.Quic;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.scanner.resolve.Told;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is asked beside the TCP connections, while they are made: the name's records, and the same port over UDP. Each
 * question has its own thread and its own end.
 */
final class Surroundings {
    private final @Nullable Records records;
    private final @Nullable FutureTask<QuicQuestions.Seen> quic;

    private record Records(
            FutureTask<Told<List<String>>> addresses,
            FutureTask<Told<List<String>>> caa,
            FutureTask<Told<List<Dns.Tlsa>>> tlsa,
            FutureTask<Told<NameRecords.Https>> https) {}

    private Surroundings(@Nullable Records records, @Nullable FutureTask<QuicQuestions.Seen> quic) {
        this.records = records;
        this.quic = quic;
    }

    /** DNS about the name that the endpoint is judged by, if it is one; QUIC where TLS begins at once. */
    static Surroundings ask(Question question, @Nullable NameRecords resolver, QuicQuestions quic) {
        String name = question.serverName() == null ? question.host() : question.serverName();
        Records records = resolver == null || !resolver.covers(name)
                ? null
                : new Records(
                        begin(() -> resolver.addresses(name)),
                        begin(() -> resolver.caa(name)),
                        begin(() -> resolver.tlsa(name, question.port())),
                        begin(() -> resolver.https(name, question.port())));
        return new Surroundings(records, question.starttls() == null ? begin(quic::ask) : null);
    }

    /** The ECH configurations that the name announces, if it does; waits for the answer. */
    byte @Nullable [] echConfigs() {
        return records != null
                        && wait(records.https)
                                instanceof Told.Known<NameRecords.Https>(NameRecords.Https known, boolean sure)
                ? known.echConfigs()
                : null;
    }

    /** All answers, null where nothing was asked; {@code unknown} is told of those that there are not. */
    @Nullable
    Dns dns(BiConsumer<String, Reason> unknown) {
        if (records == null) {
            return null;
        }
        List<String> found = known(records.addresses, List.of(), "/dns/addresses", unknown);
        List<String> issuers = known(records.caa, List.of(), "/dns/caa", unknown);
        List<Dns.Tlsa> vouched = known(records.tlsa, List.of(), "/dns/tlsa", unknown);
        NameRecords.Https service = known(records.https, NameRecords.Https.NONE, "/dns/https", unknown);
        Boolean authenticated = null;
        switch (wait(records.tlsa)) {
            case Told.Known<List<Dns.Tlsa>> known -> authenticated = known.authenticated();
            case Told.Unknown<List<Dns.Tlsa>> none -> unknown.accept("/dns/authenticated", none.reason());
        }
        return new Dns(found, issuers, vouched, service.record(), authenticated);
    }

    /** Beside the chains that TCP served. */
    @Nullable
    Quic quic(List<ServedChain> overTcp, BiConsumer<String, Reason> unknown) {
        if (quic == null) {
            return null;
        }
        QuicQuestions.Seen seen = wait(quic);
        if (seen.stateReason() != null) {
            unknown.accept("/quic/state", seen.stateReason());
        }
        if (seen.versionsReason() != null) {
            unknown.accept("/quic/versions", seen.versionsReason());
        }
        if (seen.alpnReason() != null) {
            unknown.accept("/quic/alpn", seen.alpnReason());
        }
        Quic fact = seen.fact(overTcp.stream()
                .filter(chain -> !chain.servedOn().isEmpty() && !chain.chain().isEmpty())
                .map(chain -> chain.chain().getFirst())
                .toList());
        if (seen.state() == FactState.ACCEPTED && fact.sameCertificate() == null) {
            unknown.accept("/quic/sameCertificate", Reason.UNSUPPORTED);
        }
        return fact;
    }

    private static <T> FutureTask<T> begin(Callable<T> question) {
        FutureTask<T> task = new FutureTask<>(question);
        Thread.startVirtualThread(task);
        return task;
    }

    private static <T> T known(
            FutureTask<Told<T>> question, T otherwise, String pointer, BiConsumer<String, Reason> unknown) {
        return switch (wait(question)) {
            case Told.Known<T> known -> known.value();
            case Told.Unknown<T> none -> {
                unknown.accept(pointer, none.reason());
                yield otherwise;
            }
        };
    }

    private static <T> T wait(FutureTask<T> question) {
        try {
            return question.get();
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
