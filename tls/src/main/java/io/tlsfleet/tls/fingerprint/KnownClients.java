package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Clients with a name: the table that ships ({@code known-clients.tsv}, its date and sources in its head) and what a user
 * adds in the same form. A name is a hint and never a verdict: many clients share a library and so a fingerprint.
 */
public final class KnownClients {
    /** {@code ja4} is empty where only a profile is known, not a hello; the offer is empty where only a name is. */
    public record KnownClient(String name, String ja4, ClientOffer offer, String source) {
        /** Whether a handshake of it can be simulated. */
        public boolean isProfiled() {
            return !offer.versions().isEmpty() && !offer.suites().isEmpty();
        }
    }

    private static final int CELLS = 10;
    private static final Pattern JA4 =
            Pattern.compile("[tqd][0-9a-z]{2}[di][0-9]{4}[0-9A-Za-z]{2}(?:_[0-9a-f]{12}){2}");

    private final List<KnownClient> clients;
    private final String about;

    private KnownClients(List<KnownClient> clients, String about) {
        this.clients = List.copyOf(clients);
        this.about = about;
    }

    public static KnownClients shipped() {
        try (Reader in = new InputStreamReader(
                Objects.requireNonNull(KnownClients.class.getResourceAsStream("known-clients.tsv")),
                StandardCharsets.UTF_8)) {
            return read("known-clients.tsv", in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Lines in the form of the shipped table, or of a name and a JA4 alone, with tabs between; {@code
     * IllegalArgumentException} names the line.
     */
    public static KnownClients read(String name, Reader in) throws IOException {
        List<KnownClient> clients = new ArrayList<>();
        StringBuilder head = new StringBuilder();
        BufferedReader lines = new BufferedReader(in);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.startsWith("#") && clients.isEmpty()) {
                head.append(head.isEmpty() ? "" : " ").append(line.substring(1).strip());
            } else if (!line.isBlank() && line.charAt(0) != '#') {
                try {
                    clients.add(parse(line.split("\t", -1)));
                } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                    throw new IllegalArgumentException(name + " line " + number + ": " + e.getMessage(), e);
                }
            }
        }
        return new KnownClients(clients, head.toString());
    }

    public KnownClients and(KnownClients more) {
        return new KnownClients(
                Stream.concat(clients.stream(), more.clients.stream()).toList(),
                more.about.isEmpty() ? about : about + " " + more.about);
    }

    public List<KnownClient> all() {
        return clients;
    }

    /** The head of the table: its date, its sources and their licences. */
    public String about() {
        return about;
    }

    /** All that send this fingerprint; the SNI letter does not count, nor does the transport's. */
    public List<KnownClient> sending(String ja4) {
        return clients.stream()
                .filter(c -> !c.ja4.isEmpty() && alike(c.ja4, ja4))
                .toList();
    }

    /** The names of all that send this fingerprint; the SNI letter does not count, nor does the transport's. */
    public List<String> named(String ja4) {
        return sending(ja4).stream().map(KnownClient::name).toList();
    }

    private static boolean alike(String a, String b) {
        return a.length() == b.length()
                && a.length() > 4
                && a.startsWith(b.substring(1, 3), 1)
                && a.startsWith(b.substring(4, 6), 4)
                && a.substring(8).equals(b.substring(8));
    }

    private static KnownClient parse(String[] cells) {
        if (cells.length != 2 && cells.length != CELLS) {
            throw new IllegalArgumentException("has " + cells.length + " cells; wants a name and a JA4, or all " + CELLS
                    + " of the shipped table, with tabs between");
        }
        if (cells[0].isBlank()
                || !cells[1].equals("-") && !JA4.matcher(cells[1]).matches()) {
            throw new IllegalArgumentException("wants a name and a JA4 like t13d1516h2_8daaf6152771_d8a2da3f94cd");
        }
        if (cells.length == 2) {
            ClientOffer none = new ClientOffer(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
            return new KnownClient(cells[0], cells[1], none, "own");
        }
        ClientOffer offer = new ClientOffer(
                codes(cells[2], ProtocolVersion::new),
                codes(cells[3], CipherSuite::new),
                codes(cells[5], NamedGroup::new),
                codes(cells[6], SignatureScheme::new),
                codes(cells[7], NamedGroup::new),
                cells[8].equals("-") ? List.of() : List.of(cells[8].split(",")));
        return new KnownClient(cells[0], cells[1].equals("-") ? "" : cells[1], offer, cells[9]);
    }

    private static <T> List<T> codes(String cell, IntFunction<T> type) {
        return cell.equals("-")
                ? List.of()
                : Arrays.stream(cell.split(","))
                        .map(hex -> type.apply(Integer.parseInt(hex, 16)))
                        .toList();
    }
}
