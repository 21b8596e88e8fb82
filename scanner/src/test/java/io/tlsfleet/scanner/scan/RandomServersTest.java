package io.tlsfleet.scanner.scan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenSSL's server with settings drawn by lot, against what its own command says of those settings: versions, each version's
 * suites and their order, groups.
 */
class RandomServersTest {
    private static final int SERVERS = 24;
    private static final List<String> VERSIONS = List.of("tls1", "tls1_1", "tls1_2", "tls1_3");
    private static final List<String> LABELS = List.of("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final Map<String, String> GROUPS = Map.of(
            "X25519", "x25519", "P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1", "X448", "x448");
    private static final Pattern LINE = Pattern.compile(
            "0x.. *,?.* - (\\S+)\\s+- (\\S+)\\s+(\\S+)\\s+Kx=(\\S+)\\s+Au=(\\S+)\\s+Enc=\\S+\\s+Mac=\\S+");

    @TempDir
    Path directory;

    /** A line of {@code openssl ciphers -V -stdname}. */
    private record Cipher(String name, String openssl, String since, String exchange, String authentication) {
        boolean works(String version, List<String> keys, boolean dhe) {
            return (version.equals("tls1_2") || !since.equals("TLSv1.2"))
                    && (dhe || !exchange.equals("DH"))
                    && switch (authentication) {
                        case "RSA" -> keys.contains("rsa");
                        case "ECDSA" -> keys.contains("ec");
                        default -> true;
                    };
        }
    }

    @Test
    void seesWhatEachWasToldToAccept() throws IOException, InterruptedException {
        for (String key : List.of("rsa:2048", "ec")) {
            String name = key.substring(0, key.indexOf(':') < 0 ? key.length() : key.indexOf(':'));
            Files.createDirectory(directory.resolve(name));
            List<String> curve = key.equals("ec") ? List.of("-pkeyopt", "ec_paramgen_curve:P-256") : List.of();
            List<String> words = new ArrayList<>(List.of("-newkey", key));
            words.addAll(curve);
            PeerProcess.certificate(directory.resolve(name), words.toArray(String[]::new));
        }
        List<Cipher> ciphers = ciphers();
        assertThat(ciphers).as("what this OpenSSL knows").hasSizeGreaterThan(50);
        try (Rig rig = new Rig()) {
            for (int seed = 0; seed < SERVERS; seed++) {
                check(rig, ciphers, new Random(seed), seed);
            }
        }
    }

    private void check(Rig rig, List<Cipher> ciphers, Random random, int seed) {
        List<String> keys =
                List.of(List.of("rsa"), List.of("ec"), List.of("rsa", "ec")).get(random.nextInt(3));
        // without holes: OpenSSL's server ends its range at the first
        int oldest = random.nextInt(VERSIONS.size());
        int newest = oldest + random.nextInt(VERSIONS.size() - oldest);
        List<Cipher> chosen = drawn(ciphers, 12, random);
        List<String> groups =
                drawn(List.copyOf(GROUPS.keySet().stream().sorted().toList()), 4, random);
        boolean ordered = random.nextBoolean();
        boolean dhe = random.nextBoolean();
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}", "-www"));
        command.addAll(List.of(
                "-cipher", String.join(":", chosen.stream().map(Cipher::openssl).toList()) + ":@SECLEVEL=0"));
        command.addAll(List.of("-groups", String.join(":", groups)));
        command.addAll(List.of("-key", keys.getFirst() + "/key.pem", "-cert", keys.getFirst() + "/cert.pem"));
        if (keys.size() > 1) {
            command.addAll(List.of("-dkey", "ec/key.pem", "-dcert", "ec/cert.pem"));
        }
        for (int i = 0; i < VERSIONS.size(); i++) {
            if (i < oldest || i > newest) {
                command.add("-no_" + VERSIONS.get(i));
            }
        }
        if (ordered) {
            command.add("-serverpref");
        }
        if (!dhe) {
            command.add("-no_dhe");
        }
        String told = "seed " + seed + ": " + String.join(" ", command);
        try (PeerProcess server = PeerProcess.start(directory, command.toArray(String[]::new))) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            boolean any = newest == 3;
            for (int i = oldest; i <= Math.min(newest, 2); i++) {
                String version = VERSIONS.get(i);
                List<String> expected = chosen.stream()
                        .filter(c -> c.works(version, keys, dhe))
                        .map(Cipher::name)
                        .toList();
                any |= !expected.isEmpty();
                assertSuites(seen, LABELS.get(i), expected, ordered, told);
            }
            assertThat(seen.scan().outcome()).as(told).isEqualTo(Outcome.COMPLETE);
            for (int i = 0; i < LABELS.size(); i++) {
                if (any && (i < oldest || i > newest)) {
                    assertThat(seen.protocols()).as(told).containsEntry(LABELS.get(i), FactState.REFUSED);
                }
            }
            if (newest == 3) {
                assertThat(seen.protocols()).as(told).containsEntry("TLSv1.3", FactState.ACCEPTED);
                assertThat(Rig.groups(seen, "TLSv1.3"))
                        .as(told)
                        .containsExactlyInAnyOrderElementsOf(
                                groups.stream().map(GROUPS::get).toList());
            }
            assertThat(seen.scan().connections()).as(told).isLessThan(80);
        }
    }

    private static void assertSuites(
            Observation seen, String label, List<String> expected, boolean ordered, String told) {
        if (expected.isEmpty()) {
            assertThat(seen.protocols()).as(told).containsEntry(label, FactState.REFUSED);
            return;
        }
        assertThat(seen.protocols()).as(told).containsEntry(label, FactState.ACCEPTED);
        assertThat(Rig.suites(seen, label)).as(told).containsExactlyInAnyOrderElementsOf(expected);
        String order =
                requireNonNull(requireNonNull(seen.cipherSuites()).get(label)).order();
        if (expected.size() == 1) {
            assertThat(order).as(told).isNull();
        } else if (ordered) {
            assertThat(order).as(told).isEqualTo("server");
            assertThat(Rig.suites(seen, label)).as(told).containsExactlyElementsOf(expected);
        }
    }

    private static <T> List<T> drawn(List<T> from, int most, Random random) {
        List<T> shuffled = new ArrayList<>(from);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, 1 + random.nextInt(most));
    }

    private static List<Cipher> ciphers() throws IOException {
        Process openssl = new ProcessBuilder("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
                .redirectErrorStream(true)
                .start();
        try (var lines = openssl.inputReader()) {
            return lines.lines()
                    .map(LINE::matcher)
                    .filter(Matcher::find)
                    .map(m -> new Cipher(m.group(1), m.group(2), m.group(3), m.group(4), m.group(5)))
                    .filter(c -> List.of("RSA", "ECDH", "DH").contains(c.exchange))
                    .filter(c -> List.of("RSA", "ECDSA", "None").contains(c.authentication))
                    .toList();
        }
    }
}
