package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.scanner.connect.Politeness;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BookingsTest {
    private long now;
    private final Bookings bookings = new Bookings(() -> now);

    @Test
    void letsIntoANetworkWhatItsCapLetsThroughInSixSeconds() throws Exception {
        for (int i = 1; i <= 12; i++) {
            bookings.enter(address("192.0.2." + i), null, Depth.STANDARD);
        }
        assertThatThrownBy(() -> bookings.enter(address("192.0.2.13"), null, Depth.STANDARD))
                .isInstanceOf(NotNow.class);
        bookings.enter(address("192.0.3.13"), null, Depth.STANDARD);
        bookings.enter(address("2001:db8::1"), null, Depth.STANDARD);
    }

    @Test
    void countsAHostTheMoreNarrowlyTheDeeperItIsAsked() throws Exception {
        assertThat(many("192.0.2.1", Depth.FULL)).isEqualTo(1);
        assertThat(many("192.0.4.1", Depth.STANDARD)).isEqualTo(2);
        assertThat(many("192.0.5.1", Depth.VERIFY)).isEqualTo(6);
        assertThat(many("192.0.6.1", Depth.CERTIFICATE)).isEqualTo(60);
    }

    @Test
    void givesThoseWhoComeTooSoonTheirTurnOneAfterTheOther() throws Exception {
        List<Bookings.Stay> inside = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            inside.add(bookings.enter(address("192.0.2.1"), null, Depth.STANDARD));
        }
        List<Duration> turns = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            turns.add(
                    catchThrowableOfType(NotNow.class, () -> bookings.enter(address("192.0.2.1"), null, Depth.STANDARD))
                            .later());
        }
        assertThat(turns.getFirst()).isBetween(Duration.ofMillis(1_349), Duration.ofMillis(1_651));
        // 25 / 4 connections at ten a second each
        assertThat(turns.getLast()).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(15));
        inside.forEach(Bookings.Stay::close);
        now += Duration.ofMinutes(1).toNanos();
        bookings.enter(address("192.0.2.1"), null, Depth.STANDARD);
    }

    @Test
    void doesNotSendAnyoneAwayForLongerThanItCanKnow() throws Exception {
        bookings.enter(address("192.0.2.1"), null, Depth.FULL);
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 1_000; i++) {
            Duration turn = catchThrowableOfType(
                            NotNow.class, () -> bookings.enter(address("192.0.2.1"), null, Depth.FULL))
                    .later();
            longest = turn.compareTo(longest) > 0 ? turn : longest;
        }
        assertThat(longest).isLessThanOrEqualTo(Duration.ofMinutes(11));
    }

    @Test
    void countsAnOwnersScansWhereverTheyGo() throws Exception {
        bookings.caps(new Politeness(2, 10, 1, 0), owner -> owner.equals("shop") ? 5 : 0);
        bookings.enter(address("192.0.2.1"), "shop", Depth.STANDARD);
        assertThatThrownBy(() -> bookings.enter(address("198.51.100.1"), "shop", Depth.STANDARD))
                .isInstanceOf(NotNow.class);
        bookings.enter(address("198.51.100.1"), "mail", Depth.STANDARD);
        bookings.enter(address("198.51.100.2"), null, Depth.STANDARD);
    }

    private int many(String host, Depth depth) throws Exception {
        for (int i = 0; ; i++) {
            try {
                bookings.enter(address(host), null, depth);
            } catch (NotNow e) {
                return i;
            }
        }
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }
}
