package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Report.Drift;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.fleet.report.Shown;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.fetch.ObservationFetch;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.resolve.Unresolved;
import io.tlsfleet.scanner.scan.Lanes;
import io.tlsfleet.scanner.scan.Question;
import io.tlsfleet.scanner.scan.Scan;
import io.tlsfleet.scanner.worker.Overload;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Every job of one command: resolved, scanned in two lanes, judged, written. An interruption ends it with what is finished. */
final class ScanRun {
    /** Jobs whose names are resolved before there is a place for them; more would only wait, each with a stack of its own. */
    private static final int AHEAD = 250;

    /** Where there is nothing to resolve: each that waits is one more to be woken. */
    private static final int FEW_AHEAD = 8;

    private static final int FINDING = 1;
    private static final int UNREACHABLE = 3;
    private static final int INTERRUPTED = 130;
    private static final long FAREWELL_SECONDS = 5;
    private static final int MORE_TIMES = 2;

    private final Scan scan;
    private final @Nullable ObservationFetch fetch;
    private final Resolver resolver;
    private final Judging judging;
    private final @Nullable Baselines baselines;
    private final ReportSink sink;
    private final Progress progress;
    private final ScanOptions options;
    private final PrintWriter err;
    private final Overload overload;
    private final AtomicBoolean foundSomething = new AtomicBoolean();
    private final AtomicBoolean missedSomething = new AtomicBoolean();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);

    ScanRun(
            Scan scan,
            @Nullable ObservationFetch fetch,
            Resolver resolver,
            Judging judging,
            @Nullable Baselines baselines,
            ReportSink sink,
            Progress progress,
            ScanOptions options,
            PrintWriter err,
            Overload overload) {
        this.scan = scan;
        this.fetch = fetch;
        this.resolver = resolver;
        this.judging = judging;
        this.baselines = baselines;
        this.sink = sink;
        this.progress = progress;
        this.options = options;
        this.err = err;
        this.overload = overload;
    }

    int run(List<Job> jobs) {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Thread farewell = Thread.ofPlatform().unstarted(() -> interrupt(threads));
        Runtime.getRuntime().addShutdownHook(farewell);
        try (Docket docket = new Docket(jobs.size(), many -> judge(many, threads))) {
            all(jobs, threads, new Lanes(options.concurrency), docket);
        } finally {
            threads.shutdownNow();
            sink.close();
            over.countDown();
            if (!interrupted.get()) {
                Runtime.getRuntime().removeShutdownHook(farewell);
            }
        }
        if (interrupted.get()) {
            return INTERRUPTED;
        }
        return foundSomething.get() ? FINDING : missedSomething.get() ? UNREACHABLE : 0;
    }

    /** Runs while the JVM goes down: what is finished is written before it is gone. */
    private void interrupt(ExecutorService threads) {
        interrupted.set(true);
        threads.shutdownNow();
        try {
            if (!over.await(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                sink.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void all(List<Job> jobs, ExecutorService threads, Lanes lanes, Docket docket) {
        Crew crew = new Crew(
                jobs.size(),
                jobs.stream().allMatch(job -> Resolver.isLiteral(job.dialled())) ? FEW_AHEAD : AHEAD,
                options.concurrency + Lanes.MOST_AWAY,
                threads,
                () -> interrupted.get() || sink.isLost(),
                (job, begun) -> one(job, jobs.get(job), lanes, docket, begun));
        try {
            crew.run();
        } catch (InterruptedException e) {
            interrupted.set(true);
        } catch (IllegalStateException e) {
            if (!interrupted.get()) {
                throw e;
            }
        }
    }

    /** Runs {@code begun} when it has come to its place. */
    private void one(long place, Job job, Lanes lanes, Docket docket, Runnable begun) throws InterruptedException {
        List<InetAddress> addresses;
        try {
            addresses = resolver.addresses(job.dialled());
        } catch (Unresolved e) {
            err.println("tlsfleet scan: " + e.getMessage());
            err.flush();
            Observation.Endpoint endpoint = new Observation.Endpoint(
                    job.target().host(), null, job.target().port(), job.serverName(), job.starttls());
            docket.add(new Docket.Seen(
                    place, List.of(scan.unresolved(endpoint, job.depth(), String.valueOf(e.getMessage())))));
            return;
        }
        if (job.depth() == Depth.VERIFY && baselines != null) {
            verify(place, job, addresses.getFirst(), baselines, lanes, begun);
            return;
        }
        List<InetAddress> asked = options.allAddresses ? addresses : addresses.subList(0, 1);
        List<Observation> observations = new ArrayList<>();
        for (InetAddress address : asked) {
            Question question = question(job, address);
            long start = overload.now();
            Observation seen = lanes.run(lane -> {
                begun.run();
                return scan.scan(question, lane);
            });
            for (int more = 0; more < MORE_TIMES && overload.excuses(start, List.of(seen)); more++) {
                start = overload.now();
                seen = lanes.run(lane -> scan.scan(question, lane));
            }
            observations.add(fetch == null ? seen : fetch.complete(seen));
        }
        docket.add(new Docket.Seen(place, observations));
    }

    private Question question(Job job, InetAddress address) {
        return new Question(
                job.target().host(),
                new Destination(address, job.dialledPort()),
                job.target().port(),
                job.serverName(),
                job.starttls(),
                job.depth(),
                options.alpn,
                options.attacks ? Set.of("all") : Set.of());
    }

    /** Names every drift: in the report, and on the error stream for those who read another form. */
    private void verify(long place, Job job, InetAddress address, Baselines baselines, Lanes lanes, Runnable begun)
            throws InterruptedException {
        Observation before;
        try {
            before = baselines.of(job);
        } catch (Baselines.Unusable e) {
            throw new IllegalStateException(e);
        }
        Scan.Verified verified = lanes.run(lane -> {
            begun.run();
            return scan.verify(question(job, address), before, Baselines.depth(before), lane);
        });
        Observation now = fetch == null ? verified.observation() : fetch.complete(verified.observation());
        boolean reached = now.scan().outcome() != Outcome.UNREACHABLE;
        List<Drift> drift = reached ? Baselines.drift(before, now) : List.of();
        String endpoint = job.target().host() + ":" + job.target().port();
        verified.difference()
                .ifPresent(
                        why -> err.println("tlsfleet scan: " + endpoint + ": asked anew, because " + Shown.line(why)));
        drift.forEach(d -> err.println("tlsfleet scan: " + endpoint + ": drift: " + Shown.line(d.text())));
        err.flush();
        if (!drift.isEmpty()) {
            foundSomething.set(true);
        }
        Report report = judging.judge(now).withDrift(drift);
        note(report);
        sink.take(place, List.of(report));
        sink.flush();
    }

    private void judge(List<Docket.Seen> many, ExecutorService threads) {
        List<List<Report>> reports = new ArrayList<>();
        for (Docket.Seen seen : many) {
            reports.add(seen.observations().stream().map(judging::judge).toList());
        }
        for (int i = 0; i < many.size(); i++) {
            reports.get(i).forEach(this::note);
            sink.take(many.get(i).place(), reports.get(i));
        }
        sink.flush();
        if (sink.isLost()) {
            threads.shutdownNow();
        }
    }

    private void note(Report report) {
        boolean unreachable = report.scan().outcome() == Outcome.UNREACHABLE;
        if (unreachable) {
            missedSomething.set(true);
        }
        if (unreachable && report.scan().reason() == Reason.BLOCKED_BY_POLICY) {
            err.println("tlsfleet scan: " + report.endpoint().host() + ":"
                    + report.endpoint().port() + ": blocked by policy: "
                    + report.scan().detail());
            err.flush();
        }
        if (!options.failOn.equals("never")) {
            Severity bar = Severity.of(options.failOn);
            if (report.findings().stream().anyMatch(f -> f.severity().compareTo(bar) >= 0)) {
                foundSomething.set(true);
            }
        }
        progress.finished(unreachable, report.findings().size());
    }
}
