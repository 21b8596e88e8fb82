package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation.Dns;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.scanner.resolve.Told;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What is asked elsewhere than at the endpoint while that is being asked: its name's records. Each question has its own thread. */
final class Surroundings {
    private final FutureTask<Told<List<String>>> addresses;
    private final FutureTask<Told<List<String>>> caa;
    private final FutureTask<Told<List<Dns.Tlsa>>> tlsa;
    private final FutureTask<Told<NameRecords.Https>> https;

    private Surroundings(Question question, NameRecords records, String name) {
        addresses = begin(() -> records.addresses(name));
        caa = begin(() -> records.caa(name));
        tlsa = begin(() -> records.tlsa(name, question.port()));
        https = begin(() -> records.https(name, question.port()));
    }

    /** Begins to ask about the name that the endpoint is judged by; null where it has none. */
    static @Nullable Surroundings ask(Question question, @Nullable NameRecords records) {
        String name = question.serverName() == null ? question.host() : question.serverName();
        return records == null || !records.covers(name) ? null : new Surroundings(question, records, name);
    }

    /** The ECH configurations that the name announces, if it does; waits for the answer. */
    byte @Nullable [] echConfigs() {
        return wait(https) instanceof Told.Known<NameRecords.Https>(NameRecords.Https known, boolean sure)
                ? known.echConfigs()
                : null;
    }

    /** All answers; {@code unknown} is told of those that there are not. */
    Dns dns(BiConsumer<String, Reason> unknown) {
        List<String> found = known(addresses, List.of(), "/dns/addresses", unknown);
        List<String> issuers = known(caa, List.of(), "/dns/caa", unknown);
        List<Dns.Tlsa> vouched = known(tlsa, List.of(), "/dns/tlsa", unknown);
        Dns.@Nullable HttpsRecord service = null;
        switch (wait(https)) {
            case Told.Known<NameRecords.Https> known -> service = known.value().record();
            case Told.Unknown<NameRecords.Https> none -> unknown.accept("/dns/https", none.reason());
        }
        Boolean authenticated = null;
        switch (wait(tlsa)) {
            case Told.Known<List<Dns.Tlsa>> known -> authenticated = known.authenticated();
            case Told.Unknown<List<Dns.Tlsa>> none -> unknown.accept("/dns/authenticated", none.reason());
        }
        return new Dns(found, issuers, vouched, service, authenticated);
    }

    private static <T> FutureTask<Told<T>> begin(Callable<Told<T>> question) {
        FutureTask<Told<T>> task = new FutureTask<>(question);
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

    private static <T> Told<T> wait(FutureTask<Told<T>> question) {
        try {
            return question.get();
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
