package io.tlsfleet.store.survival;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.LeaseSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * A process that leases and completes until it is killed: {@code port database lease-millis batch FILE}. Each id whose
 * completion was acknowledged is a line of the file, so that a test can hold the database to its word.
 */
public final class Worker {
    private Worker() {}

    public static void main(String[] args) throws Exception {
        DatabaseAddress address = new DatabaseAddress(
                "127.0.0.1", Integer.parseInt(args[0]), args[1], "tlsfleet", "test", "disable", null);
        try (TestEstate estate = new TestEstate(address)) {
            LeaseSource source = estate.leases(
                    new LeaseSettings(Duration.ofMillis(Long.parseLong(args[2])), false, Duration.ofDays(7)));
            work(source, Integer.parseInt(args[3]), Path.of(args[4]));
        }
    }

    static void work(LeaseSource source, int batch, Path acknowledged) throws IOException, InterruptedException {
        List<Completed> pending = new ArrayList<>();
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (pending.isEmpty()) {
                    for (Lease lease :
                            source.lease(0, batch).toCompletableFuture().join()) {
                        pending.add(new Completed(
                                lease.endpointId(),
                                lease.token(),
                                List.of(TestEstate.complete(lease.target().host(), "TLSv1.2", "TLSv1.3"))));
                    }
                    if (pending.isEmpty()) {
                        Thread.sleep(50);
                        continue;
                    }
                }
                List<Boolean> taken =
                        source.complete(pending).toCompletableFuture().join();
                StringBuilder lines = new StringBuilder();
                for (int i = 0; i < taken.size(); i++) {
                    if (taken.get(i)) {
                        lines.append(pending.get(i).endpointId()).append('\n');
                    }
                }
                Files.writeString(
                        acknowledged,
                        lines,
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
                pending.clear();
            } catch (CompletionException e) {
                Thread.sleep(100); // the source is away: keep what we have and try again
            }
        }
    }
}
