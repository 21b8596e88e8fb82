package io.tlsfleet.fleet.target;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a site may connect to: the one gate that every outgoing socket passes, asked with the resolved address just
 * before it is dialled, never with a name. An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4) is
 * judged by what it carries. What is denied is denied before what is allowed is looked at; cloud metadata addresses and
 * multicast are denied everywhere unless the very address is on the list of allowed ones.
 */
public final class AddressGate {
    private static final List<Special> SPECIAL = load();
    private static final List<Special> NEVER =
            SPECIAL.stream().filter(Special::isAlwaysDenied).toList();

    private final boolean specialRangesDenied;
    private final List<AddressRange> allowed;
    private final List<AddressRange> denied;

    private AddressGate(boolean specialRangesDenied, List<AddressRange> allowed, List<AddressRange> denied) {
        this.specialRangesDenied = specialRangesDenied;
        this.allowed = List.copyOf(allowed);
        this.denied = List.copyOf(denied);
    }

    /** The site {@code local}: loopback and private ranges too. */
    public static AddressGate local() {
        return new AddressGate(false, List.of(), List.of());
    }

    /** The site {@code internet}: nothing of IANA's special-purpose ranges. */
    public static AddressGate internet() {
        return new AddressGate(true, List.of(), List.of());
    }

    /** A gate that lets these ranges pass as well. */
    public AddressGate allowing(List<AddressRange> ranges) {
        return new AddressGate(specialRangesDenied, ranges, denied);
    }

    /** A gate that never lets these ranges pass. */
    public AddressGate denying(List<AddressRange> ranges) {
        return new AddressGate(specialRangesDenied, allowed, ranges);
    }

    public boolean allows(InetAddress address) {
        return objection(address).isEmpty();
    }

    /** Why this address may not be dialled, as a person reads it; empty when it may. */
    public Optional<String> objection(InetAddress address) {
        byte[] bytes = canonical(address.getAddress());
        for (AddressRange range : denied) {
            if (range.contains(bytes)) {
                return Optional.of(
                        address.getHostAddress() + " is in " + range + ", which this site never connects to");
            }
        }
        for (Special special : specialRangesDenied ? SPECIAL : NEVER) {
            if (special.range.contains(bytes) && !isAllowed(bytes, special.isAlwaysDenied())) {
                return Optional.of(address.getHostAddress() + " is " + special.name + " (" + special.range + ")");
            }
        }
        return Optional.empty();
    }

    private boolean isAllowed(byte[] address, boolean byItself) {
        return allowed.stream().anyMatch(r -> (r.isOneAddress() || !byItself) && r.contains(address));
    }

    /** The IPv4 address inside a mapped, compatible, translated or 6to4 one; any other as it is. */
    private static byte[] canonical(byte[] address) {
        if (address.length != 16) {
            return address;
        }
        if (startsWith(address, 0x20, 0x02)) {
            return Arrays.copyOfRange(address, 2, 6);
        }
        boolean nat64 = startsWith(address, 0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0);
        boolean mapped = startsWith(address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF);
        boolean translated = startsWith(address, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0);
        boolean compatible =
                startsWith(address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) && (address[12] != 0 || address[13] != 0);
        return nat64 || mapped || translated || compatible ? Arrays.copyOfRange(address, 12, 16) : address;
    }

    private static boolean startsWith(byte[] address, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if ((address[i] & 0xFF) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private record Special(AddressRange range, String name, String source) {
        boolean isAlwaysDenied() {
            return source.equals("metadata") || source.equals("never");
        }
    }

    private static List<Special> load() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(AddressGate.class.getResourceAsStream("special-ranges.tsv")),
                StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split("\t", 3))
                    .map(field -> new Special(AddressRange.parse(field[0]), field[1], field[2]))
                    .sorted((a, b) -> Boolean.compare(b.isAlwaysDenied(), a.isAlwaysDenied()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
