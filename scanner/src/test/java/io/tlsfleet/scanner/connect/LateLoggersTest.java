package io.tlsfleet.scanner.connect;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LateLoggersTest {
    @Test
    void aWarningIsHeardAndWhatIsBelowIsNot() {
        Logger heard = (Logger) LoggerFactory.getLogger("late.of.netty");
        ListAppender<ILoggingEvent> list = new ListAppender<>();
        list.start();
        heard.addAppender(list);
        InternalLogger logger = new LateLoggers().newInstance("late.of.netty");

        logger.debug("a detail");
        logger.info("an event of {}", "little weight");
        logger.warn("{} leaks", "a buffer");
        logger.error("broken", new IllegalStateException("why"));

        assertThat(list.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("a buffer leaks", "broken");
        assertThat(list.list.getLast().getThrowableProxy().getMessage()).isEqualTo("why");
        assertThat(logger.isWarnEnabled()).isTrue();
        assertThat(logger.isInfoEnabled()).isFalse();
        assertThat(logger.isEnabled(InternalLogLevel.ERROR)).isTrue();
        assertThat(logger.isEnabled(InternalLogLevel.DEBUG)).isFalse();
        assertThat(logger).hasToString("late.of.netty");
    }
}
