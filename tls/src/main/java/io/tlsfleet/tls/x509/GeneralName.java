package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** GeneralName (RFC 5280 section 4.2.1.6). */
public sealed interface GeneralName {
    /** {@code DNS:shop.example}, {@code IP:192.0.2.1}: the kind, then the value, safe to show. */
    String text();

    record Dns(String name) implements GeneralName {
        @Override
        public String text() {
            return "DNS:" + DisplayText.safe(name);
        }
    }

    record Email(String mailbox) implements GeneralName {
        @Override
        public String text() {
            return "email:" + DisplayText.safe(mailbox);
        }
    }

    record Uri(String uri) implements GeneralName {
        @Override
        public String text() {
            return "URI:" + DisplayText.safe(uri);
        }
    }

    /** 4 or 16 octets; in name constraints 8 or 32, address and mask. */
    record Ip(byte[] octets) implements GeneralName {
        @Override
        public String text() {
            return "IP:" + address(octets);
        }

        /** An address, or address/mask; anything of another length in hex. */
        static String address(byte[] octets) {
            try {
                if (octets.length == 4 || octets.length == 16) {
                    return addressText(octets);
                }
                if (octets.length == 8 || octets.length == 32) {
                    int half = octets.length / 2;
                    return addressText(java.util.Arrays.copyOf(octets, half)) + "/"
                            + addressText(java.util.Arrays.copyOfRange(octets, half, octets.length));
                }
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
            return "0x" + HexFormat.of().formatHex(octets);
        }

        private static String addressText(byte[] octets) throws UnknownHostException {
            if (octets.length == 4) {
                return InetAddress.getByAddress(octets).getHostAddress();
            }
            return IpText.v6(octets);
        }
    }

    record Directory(DistinguishedName name) implements GeneralName {
        @Override
        public String text() {
            return "DirName:" + name.text();
        }
    }

    record RegisteredId(String oid) implements GeneralName {
        @Override
        public String text() {
            return "RID:" + oid;
        }
    }

    /** {@code value} is the element inside the explicit tag, as encoded; text where it is a string. */
    record Other(String oid, byte[] value, String shown) implements GeneralName {
        @Override
        public String text() {
            return "other:" + oid + ":" + shown;
        }
    }

    /** x400Address and ediPartyName: named, not read. */
    record Unread(String kind, byte[] der) implements GeneralName {
        @Override
        public String text() {
            return kind + ":0x" + HexFormat.of().formatHex(der);
        }
    }

    static GeneralName read(Der name, String part) throws MalformedMessage {
        return switch (name.tag()) {
            case 0xA0 -> other(name, part);
            case 0x81 -> new Email(DisplayText.ascii(name.content()));
            case 0x82 -> new Dns(DisplayText.ascii(name.content()));
            case 0xA3 -> new Unread("x400", name.content());
            case 0xA4 -> {
                DerReader reader = name.reader();
                DistinguishedName directory = DistinguishedName.read(reader.next(part), part);
                reader.end(part);
                yield new Directory(directory);
            }
            case 0xA5 -> new Unread("edi", name.content());
            case 0x86 -> new Uri(DisplayText.ascii(name.content()));
            case 0x87 -> new Ip(name.content());
            case 0x88 -> new RegisteredId(name.oid(part));
            default -> throw new MalformedMessage("%s: tag 0x%02X is no GeneralName".formatted(part, name.tag()));
        };
    }

    private static GeneralName other(Der name, String part) throws MalformedMessage {
        DerReader reader = name.reader();
        String oid = reader.next(Der.OID, part).oid(part);
        DerReader explicit = reader.next(Der.explicit(0), part).reader();
        reader.end(part);
        Der value = explicit.next(part);
        explicit.end(part);
        String shown = switch (value.tag()) {
            case Der.UTF8_STRING -> DisplayText.safe(DisplayText.utf8(value.content()));
            case Der.IA5_STRING, Der.PRINTABLE_STRING -> DisplayText.safe(DisplayText.ascii(value.content()));
            default -> "0x" + HexFormat.of().formatHex(value.encoded());
        };
        return new Other(oid, value.encoded(), shown);
    }
}
