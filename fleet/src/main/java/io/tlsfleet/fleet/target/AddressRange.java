package io.tlsfleet.fleet.target;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A CIDR block (RFC 4632): {@code 10.0.0.0/8}; without a length, one address. */
public record AddressRange(byte[] prefix, int length) {
    public AddressRange {
        if (length < 0 || length > prefix.length * 8) {
            throw new IllegalArgumentException("prefix length " + length + " of a " + prefix.length + "-byte address");
        }
        prefix = prefix.clone();
    }

    /** Literals only: a name is refused, not looked up. */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no address range: write 192.0.2.0/24 or 2001:db8::/32");
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return new AddressRange(bytes, slash < 0 ? bytes.length * 8 : Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no address range: write 192.0.2.0/24", e);
        }
    }

    public boolean contains(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        int whole = length / 8;
        if (!Arrays.equals(address, 0, whole, prefix, 0, whole)) {
            return false;
        }
        int rest = length % 8;
        return rest == 0 || ((address[whole] ^ prefix[whole]) & 0xFF) >>> 8 - rest == 0;
    }

    public boolean isOneAddress() {
        return length == prefix.length * 8;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange range && length == range.length && Arrays.equals(prefix, range.prefix);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(prefix) + length;
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(prefix).getHostAddress() + "/" + length;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
