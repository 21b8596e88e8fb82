package io.tlsfleet.scanner.connect;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/** Vert.x as the scanner wants it: nothing that it does not use is set up, so that one scan from the shell starts at once. */
public final class EventLoops {
    /** What the JDK's scheduler of virtual threads reads when it is made. */
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    private EventLoops() {}

    /**
     * For a process that scans and does nothing else: virtual threads get half of the processors, for event loops have as much to do.
     * More than there is work for wake and park each other at every answer. Only before the first virtual thread starts.
     */
    public static void shareProcessors() {
        int half = (Runtime.getRuntime().availableProcessors() + 1) / 2;
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(CARRIERS, Integer.toString(half));
        }
    }

    public static Vertx start() {
        // Addresses come resolved; Vert.x' own resolver costs a start-up and is never asked.
        System.setProperty("vertx.disableDnsResolver", "true");
        return Vertx.vertx(new VertxOptions()
                // a loop that finds several channels ready wakes up once for all of them
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    }

    /** Waits until its threads are gone: the JVM would otherwise sit in a poll on its way out. */
    public static void stop(Vertx vertx) {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
