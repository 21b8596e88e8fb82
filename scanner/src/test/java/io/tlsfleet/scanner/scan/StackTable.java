package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.CodePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What configurations say, what scans say of it, and how many facts were right, wrong or unknown. */
final class StackTable {
    private static final List<String> VERSIONS = List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final String UNKNOWN = "unknown";

    private final List<String> wrongs = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private int right;
    private int unknown;

    /** What one configuration says; what it leaves to the library is not asserted. */
    static final class Says {
        private final Map<String, String> facts = new TreeMap<>();

        /** These versions and no others. */
        static Says speaks(String... versions) {
            Says says = new Says();
            for (String version : VERSIONS) {
                says.facts.put(
                        "protocol " + version, Arrays.asList(versions).contains(version) ? "accepted" : "refused");
            }
            return says;
        }

        Says suites(String version, String... names) {
            facts.put("suites " + version, sorted(List.of(names)));
            return this;
        }

        /** In the server's own order. */
        Says ordered(String version, String... names) {
            facts.put("order " + version, "server");
            facts.put("ranking " + version, List.of(names).toString());
            return suites(version, names);
        }

        Says clientsOrder(String version) {
            facts.put("order " + version, "client");
            return this;
        }

        Says groups(String version, String... names) {
            facts.put("groups " + version, sorted(List.of(names)));
            return this;
        }

        Says keys(String... types) {
            facts.put("keys", sorted(List.of(types)));
            return this;
        }

        Says alpn(String... names) {
            facts.put("alpn", sorted(List.of(names)));
            return this;
        }

        Says prime(String version, String name) {
            facts.put("prime " + version, name);
            return this;
        }

        Says clientCertificate(String mode) {
            facts.put("client certificate", mode);
            return this;
        }
    }

    void compare(String stack, Says says, Observation seen) {
        int rightHere = 0;
        int unknownHere = 0;
        int wrongHere = 0;
        for (Map.Entry<String, String> fact : says.facts.entrySet()) {
            String said = said(fact.getKey(), seen);
            if (said.equals(fact.getValue())) {
                rightHere++;
            } else if (said.equals(UNKNOWN)) {
                unknownHere++;
                lines.add("    unknown: " + stack + ", " + fact.getKey() + " " + seen.coverage());
            } else {
                wrongHere++;
                wrongs.add(stack + ", " + fact.getKey() + ": " + said + ", configured " + fact.getValue());
            }
        }
        right += rightHere;
        unknown += unknownHere;
        lines.add(String.format(
                Locale.ROOT,
                "%-46s %3d right %3d wrong %3d unknown %4d connections",
                stack,
                rightHere,
                wrongHere,
                unknownHere,
                seen.scan().connections()));
    }

    private static String said(String fact, Observation seen) {
        String version = fact.substring(fact.lastIndexOf(' ') + 1);
        Map<String, Observation.Suites> suites = Objects.requireNonNullElse(seen.cipherSuites(), Map.of());
        Map<String, Observation.Groups> groups = Objects.requireNonNullElse(seen.groups(), Map.of());
        Observation.Suites ofSuites = suites.get(version);
        Observation.Groups ofGroups = groups.get(version);
        if (doubted(seen, fact, version)) {
            return UNKNOWN;
        }
        return switch (fact.substring(0, fact.indexOf(' ') < 0 ? fact.length() : fact.indexOf(' '))) {
            case "protocol" -> {
                Map<String, FactState> protocols = Objects.requireNonNullElse(seen.protocols(), Map.of());
                FactState state = protocols.get(version);
                yield state == null ? UNKNOWN : state.word();
            }
            case "suites" -> ofSuites == null ? UNKNOWN : sorted(names(ofSuites.suites()));
            case "ranking" ->
                ofSuites == null ? UNKNOWN : names(ofSuites.suites()).toString();
            case "order" -> ofSuites == null ? UNKNOWN : String.valueOf(ofSuites.order());
            case "groups" -> ofGroups == null ? UNKNOWN : sorted(names(ofGroups.groups()));
            case "alpn" -> {
                Observation.Alpn alpn = seen.alpn();
                yield alpn == null ? UNKNOWN : sorted(alpn.accepted());
            }
            case "client" -> {
                Observation.ClientAuthentication asked = seen.clientAuthentication();
                yield asked == null ? UNKNOWN : asked.mode();
            }
            case "prime" ->
                Objects.requireNonNullElse(seen.finiteFieldDh(), List.<Observation.FiniteFieldDh>of()).stream()
                        .filter(dh -> dh.protocol().equals(version))
                        .map(Observation.FiniteFieldDh::prime)
                        .distinct()
                        .collect(Collectors.joining("+"));
            case "keys" -> {
                List<Observation.ServedChain> served = Objects.requireNonNullElse(seen.served(), List.of());
                yield sorted(served.stream()
                        .map(chain -> io.tlsfleet.tls.x509.CertificateFacts.read(
                                        chain.chain().getFirst())
                                .key()
                                .type())
                        .toList());
            }
            default -> throw new IllegalArgumentException(fact);
        };
    }

    private static boolean doubted(Observation seen, String fact, String version) {
        return seen.coverage().stream().map(Observation.Coverage::fact).anyMatch(pointer -> switch (fact.substring(
                0, 2)) {
            case "su", "ra", "or" -> pointer.equals("/cipherSuites/" + version);
            case "gr" -> pointer.equals("/groups/" + version);
            case "al" -> pointer.startsWith("/alpn");
            case "cl" -> pointer.startsWith("/clientAuthentication");
            case "ke" -> pointer.startsWith("/certificates") && !pointer.endsWith("/ocspStaple");
            default -> false;
        });
    }

    private static List<String> names(List<CodePoint> points) {
        return points.stream().map(CodePoint::name).toList();
    }

    private static String sorted(List<String> words) {
        return new TreeSet<>(words).toString();
    }

    List<String> wrongs() {
        return wrongs;
    }

    int right() {
        return right;
    }

    String text() {
        return String.join("\n", lines)
                + "\n%d facts right, %d wrong, %d unknown".formatted(right, wrongs.size(), unknown)
                + wrongs.stream().map(w -> "\nWRONG " + w).collect(Collectors.joining());
    }
}
