package io.tlsfleet.scanner.connect;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/** Vert.x as the scanner wants it: nothing that it does not use is set up, so that one scan from the shell starts at once. */
public final class EventLoops {
    private EventLoops() {}

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
