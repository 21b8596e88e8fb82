package io.tlsfleet.api.sources;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Generator;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A DNS zone file (RFC 1035 section 5): names with addresses become targets at the given ports, mail exchangers at port 25
 * with STARTTLS, SRV records of protocols that speak TLS at theirs. Wildcards name nothing that could be asked.
 */
public final class ZoneSource {
    private static final Map<String, String> SERVICES = Map.of(
            "_imaps._tcp", "",
            "_pop3s._tcp", "",
            "_submissions._tcp", "",
            "_submission._tcp", "smtp",
            "_imap._tcp", "imap",
            "_pop3._tcp", "pop3",
            "_ldaps._tcp", "",
            "_sips._tcp", "",
            "_xmpp-client._tcp", "xmpp",
            "_xmpp-server._tcp", "xmpp-server");

    private static final int MOST_GENERATED = 100_000;
    private static final String INCLUDE_OF_DNSJAVA = "$INCLUDE encountered, but processing disabled in strict mode";

    private ZoneSource() {}

    /** {@code origin}: the zone's name where the file does not say it with {@code $ORIGIN}; may be empty. */
    public static Found read(Path file, String origin, List<Integer> ports) throws IOException {
        Found found = new Found();
        Name zone = origin.isEmpty() ? Name.root : Name.fromString(origin.endsWith(".") ? origin : origin + ".");
        try (Master master = new Master(file.toString(), zone, 3600)) {
            master.disableIncludes(true);
            master.expandGenerate(false);
            for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
                read(record, ports, found);
            }
            generated(master, file, ports, found);
        } catch (TextParseException e) {
            throw new IOException(
                    String.valueOf(e.getMessage())
                            .replace(INCLUDE_OF_DNSJAVA, "$INCLUDE is not followed: import that file by itself"),
                    e);
        }
        return found;
    }

    private static void generated(Master master, Path file, List<Integer> ports, Found found) throws IOException {
        long made = 0;
        for (Iterator<Generator> each = master.generators(); each.hasNext(); ) {
            Generator generator = each.next();
            made += (generator.end - generator.start) / generator.step + 1;
            if (made > MOST_GENERATED) {
                throw new IOException(file + ": with '" + generator.toString().strip() + "' it generates " + made
                        + " records, more than " + MOST_GENERATED + ": narrow the range");
            }
            for (Record record = generator.nextRecord(); record != null; record = generator.nextRecord()) {
                read(record, ports, found);
            }
        }
    }

    private static void read(Record record, List<Integer> ports, Found found) {
        String name = name(record.getName());
        switch (record.getType()) {
            case Type.A, Type.AAAA, Type.CNAME -> {
                if (record.getName().isWild()) {
                    found.passOver(name + ": a wildcard names no host");
                } else if (!name.startsWith("_")) {
                    String tag = record instanceof CNAMERecord alias ? name(alias.getTarget()) : "";
                    Map<String, String> tags =
                            tag.isEmpty() ? Map.of("source", "zone") : Map.of("source", "zone", "cname", tag);
                    ports.forEach(port -> found.add(name, port, null, null, List.of(), tags));
                }
            }
            case Type.MX -> {
                String host = name(((MXRecord) record).getTarget());
                if (!host.isEmpty()) {
                    found.add(host, 25, null, "smtp", List.of(), Map.of("source", "zone", "mail", name));
                }
            }
            case Type.SRV -> {
                SRVRecord service = (SRVRecord) record;
                String host = name(service.getTarget());
                String starttls = SERVICES.entrySet().stream()
                        .filter(s -> name.startsWith(s.getKey() + "."))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(null);
                if (starttls != null && !host.isEmpty()) {
                    found.add(
                            host,
                            service.getPort(),
                            null,
                            starttls.isEmpty() ? null : starttls,
                            List.of(),
                            Map.of("source", "zone", "service", name));
                }
            }
            default -> {}
        }
    }

    private static String name(Name name) {
        return name.toString(true).toLowerCase(java.util.Locale.ROOT);
    }
}
