package io.tlsfleet.launcher;

import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.store.DatabaseAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlsfleet worker}: scans what is due at its site; any number of them, anywhere. */
@Command(
        name = "worker",
        description = "Scans what is due at one site, straight from the database.",
        mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = "--database-url",
            paramLabel = "URL",
            defaultValue = "${env:TLSFLEET_DATABASE_URL}",
            description = "postgresql://user:password@host:port/database, or TLSFLEET_DATABASE_URL")
    private @Nullable String databaseUrl;

    @Option(names = "--site", paramLabel = "NAME", defaultValue = "internet", description = "default: ${DEFAULT-VALUE}")
    private String site = "internet";

    @Option(names = "--concurrency", paramLabel = "N", defaultValue = "256", description = "default: ${DEFAULT-VALUE}")
    private int concurrency;

    @Option(names = "--trust", paramLabel = "FILE", description = "anchors of your own, PEM; repeatable")
    private List<Path> trust = new ArrayList<>();

    @Mixin
    private LogOptions log = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;

    WorkerCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        DatabaseAddress address = ServerCommand.required(databaseUrl);
        if (concurrency < 1) {
            throw Refusal.usage("--concurrency " + concurrency + ": at least 1");
        }
        log.begin();
        try (Halt halt = new Halt()) {
            Rooms.migrate(address);
            AddressGate gate = site.equals("local") ? AddressGate.local() : AddressGate.internet();
            new Rooms(halt, clock, address)
                    .work(site, gate, Politeness.FLEET, SiteJudging.trusting(trust), concurrency);
            spec.commandLine().getErr().println("tlsfleet worker: scanning for site " + site + " at " + address);
            halt.await();
        }
        return 0;
    }
}
