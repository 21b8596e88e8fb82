package io.tlsfleet.launcher.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** Logback's set-up, found by it through the service file: warnings to stderr until a command asks for more. */
public final class Logging extends ContextAwareBase implements Configurator {
    /** How lines look. */
    public enum Format {
        TEXT,
        JSON
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        set(context, Level.WARN, Format.TEXT);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** For commands that run for long: their own lines at INFO, the libraries' at WARN. */
    public static void talkative(Format format, boolean debug) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            set(context, Level.WARN, format);
            context.getLogger("io.tlsfleet").setLevel(debug ? Level.DEBUG : Level.INFO);
        }
    }

    private static void set(LoggerContext context, Level level, Format format) {
        LineLayout layout = new LineLayout(format == Format.JSON);
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
        stderr.setContext(context);
        stderr.setName("stderr");
        stderr.setTarget("System.err");
        stderr.setEncoder(encoder);
        stderr.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(stderr);
        root.setLevel(level);
        // says "already registered" at every request (Micrometer 1.17 under Vert.x 5.0)
        context.getLogger("io.micrometer.core.instrument.MeterRegistry").setLevel(Level.ERROR);
    }
}
