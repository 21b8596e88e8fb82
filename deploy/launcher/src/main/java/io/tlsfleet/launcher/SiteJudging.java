package io.tlsfleet.launcher;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.policy.TrustBook;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The judge beside the database: the policies in force for the target, the trust stores of the process, and
 * the anchors that the operator gave for the target or its site.
 */
record SiteJudging(List<TrustStore> stores, Supplier<PolicyBook> policies, Supplier<TrustBook> trust)
        implements Judging {
    private static final Duration STANDS = Duration.ofHours(12);
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    /** Mozilla's, and the anchors of these files under the name {@code given}. */
    static SiteJudging trusting(List<Path> files) {
        List<TrustStore> stores = new ArrayList<>(List.of(TrustStore.mozilla()));
        List<byte[]> anchors = new ArrayList<>();
        for (Path file : files) {
            anchors.addAll(certificates(file));
        }
        if (!anchors.isEmpty()) {
            stores.add(TrustStore.of("given", anchors));
        }
        return new SiteJudging(List.copyOf(stores), () -> PolicyBook.SHIPPED, () -> TrustBook.NONE);
    }

    SiteJudging by(CurrentPolicies current) {
        return new SiteJudging(stores, current, current::trust);
    }

    @Override
    public Judged judge(Target target, Observation observation, Memory memory, Instant at) {
        List<TrustStore> asked = trust.get().of(target, stores);
        return new Judged(Judge.judge(observation, policies.get().of(target), asked, memory, at), at.plus(STANDS));
    }

    private static List<byte[]> certificates(Path file) {
        try {
            List<byte[]> found = new ArrayList<>();
            Matcher matcher = PEM.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            while (matcher.find()) {
                found.add(Base64.getMimeDecoder().decode(matcher.group(1)));
            }
            if (found.isEmpty()) {
                throw Refusal.usage("--trust " + file + ": no PEM certificate in it");
            }
            return found;
        } catch (NoSuchFileException e) {
            throw Refusal.usage("--trust " + file + ": no such file");
        } catch (IOException e) {
            throw Refusal.usage("--trust " + file + ": cannot be read (" + e.getMessage() + ")");
        }
    }
}
