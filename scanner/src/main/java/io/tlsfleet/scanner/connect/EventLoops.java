package io.tlsfleet.scanner.connect;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.concurrent.TimeUnit;

/** The event loops of a process that scans and does nothing else. */
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

    /** Netty's, without the rest of Vert.x, which a worker starts: a scan from the shell would wait longer for it than for its server. */
    public static EventLoopGroup start() {
        InternalLoggerFactory.setDefaultFactory(new LateLoggers());
        // a loop that finds several channels ready wakes up once for all of them
        return new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(),
                new DefaultThreadFactory("event-loop", true),
                NioIoHandler.newFactory());
    }

    /** Waits until its threads are gone: the JVM would otherwise sit in a poll on its way out. */
    public static void stop(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
