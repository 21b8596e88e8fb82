package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.change.Changes;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifications of a real nginx that is as it was, or was changed in one setting. {@code -Dverify.seeds=N} for more of them. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class VerificationTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        NginxSettings.prepare(directory);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void seesWhateverGrewWeakerAtOnce() {
        int seeds = Integer.getInteger("verify.seeds", 24);
        int first = Integer.getInteger("verify.first", 1);
        int weaker = 0;
        int others = 0;
        int othersSeen = 0;
        int most = 0;
        List<String> missed = new ArrayList<>();
        List<String> falseAlarms = new ArrayList<>();
        for (int seed = first; seed < first + seeds; seed++) {
            Random random = new Random(seed);
            NginxSettings settings = NginxSettings.drawn(random);
            Observation baseline;
            try (PeerProcess nginx = settings.start(directory)) {
                baseline = rig.scan(nginx.port(), Depth.STANDARD);
                Scan.Verified same = rig.verify(nginx.port(), baseline);
                most = Math.max(most, same.observation().scan().connections());
                if (same.difference().isPresent()
                        || !Changes.between(baseline, same.observation()).isEmpty()) {
                    falseAlarms.add("seed " + seed + ": " + same.difference() + " "
                            + Changes.between(baseline, same.observation()) + " " + settings);
                }
            }
            assertThat(baseline.scan().outcome())
                    .as("seed " + seed + ": " + baseline.coverage())
                    .isEqualTo(Outcome.COMPLETE);
            for (int i = 0; i < 4; i++) {
                NginxSettings.Mutation mutation = settings.mutated(random);
                try (PeerProcess nginx = mutation.settings().start(directory)) {
                    Scan.Verified now = rig.verify(nginx.port(), baseline);
                    boolean seen = now.difference().isPresent();
                    if (mutation.weaker()) {
                        weaker++;
                        if (!seen) {
                            // a change that the whole scan cannot see either is none
                            Observation whole = rig.scan(nginx.port(), Depth.STANDARD);
                            if (!Changes.between(baseline, whole).isEmpty()) {
                                missed.add("seed " + seed + ": " + mutation.name() + " of " + settings);
                            }
                        }
                    } else {
                        others++;
                        othersSeen += seen ? 1 : 0;
                    }
                }
            }
        }
        System.err.printf(
                "verify: %d weaker settings, missed %d; %d others, seen at once %d; false alarms %d; at most %d connections%n",
                weaker, missed.size(), others, othersSeen, falseAlarms.size(), most);
        assertThat(missed).hasSizeLessThanOrEqualTo(weaker / 1000);
        assertThat(falseAlarms).isEmpty();
        assertThat(most).isLessThanOrEqualTo(12);
    }

    @Test
    void readsTheNameOfTheTicketKeyAnew() {
        NginxSettings settings = NginxSettings.drawn(new Random(2)).withTickets(true, 1);
        Observation baseline;
        try (PeerProcess nginx = settings.start(directory)) {
            baseline = rig.scan(nginx.port(), Depth.FULL);
        }
        String before = baseline.resumption().tls12().ticketKeyName();
        assertThat(before).hasSize(32);
        try (PeerProcess nginx = settings.withTickets(true, 2).start(directory)) {
            Scan.Verified rotated = rig.verify(nginx.port(), baseline);
            assertThat(rotated.difference()).isEmpty();
            assertThat(rotated.observation().resumption().tls12().ticketKeyName())
                    .hasSize(32)
                    .isNotEqualTo(before);
        }
        try (PeerProcess nginx = settings.withTickets(false, 1).start(directory)) {
            Scan.Verified without = rig.verify(nginx.port(), baseline);
            assertThat(without.difference()).isPresent();
            assertThat(Changes.between(baseline, without.observation()))
                    .anySatisfy(change -> assertThat(change.fact()).isEqualTo("/resumption/TLSv1.2/ticket"));
        }
    }
}
