package io.tlsfleet.tls.ech;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One ECHConfig of version 0xfe0d (RFC 9849 section 4). {@code encoded} is all of it, as HPKE binds it; {@code mandatory}: it has an
 * extension that a client must understand, and we know none.
 */
public record EchConfig(
        byte[] encoded,
        int configId,
        int kem,
        byte[] publicKey,
        List<Suite> suites,
        int maximumNameLength,
        String publicName,
        boolean mandatory) {
    private static final int VERSION = 0xFE0D;
    private static final int MANDATORY = 0x8000;

    /** HPKE's numbers of a KDF and an AEAD. */
    public record Suite(int kdf, int aead) {
        boolean isKnown() {
            return kdf >= 1 && kdf <= 3 && aead >= 1 && aead <= 3;
        }
    }

    /** Those of an ECHConfigList whose version we know, in its order of preference. */
    public static List<EchConfig> readAll(byte[] list) throws MalformedMessage {
        ByteReader whole = ByteReader.of(list);
        ByteReader reader = whole.sub16("ech configs");
        whole.end("ech configs");
        List<EchConfig> configs = new ArrayList<>();
        while (!reader.isEmpty()) {
            int version = reader.u16("ech version");
            byte[] contents = reader.vec16("ech config");
            if (version == VERSION) {
                configs.add(read(contents));
            }
        }
        return configs;
    }

    /** The first that we can use, as a client that has the whole list does. */
    public static Optional<EchConfig> usable(List<EchConfig> configs) {
        return configs.stream().filter(EchConfig::isUsable).findFirst();
    }

    /** Its first suite that we know. */
    Optional<Suite> suite() {
        return suites.stream().filter(Suite::isKnown).findFirst();
    }

    private boolean isUsable() {
        return !mandatory && suite().isPresent() && EchHello.knows(kem) && isHostName(publicName);
    }

    /** RFC 9849 section 6.1.7: letters, digits, hyphens; and no address. */
    private static boolean isHostName(String name) {
        return name.matches("(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*")
                && name.length() <= 253;
    }

    private static EchConfig read(byte[] contents) throws MalformedMessage {
        ByteReader reader = ByteReader.of(contents);
        int id = reader.u8("config_id");
        int kem = reader.u16("kem_id");
        byte[] key = reader.vec16("public_key");
        ByteReader pairs = reader.sub16("cipher_suites");
        List<Suite> suites = new ArrayList<>();
        while (!pairs.isEmpty()) {
            suites.add(new Suite(pairs.u16("kdf_id"), pairs.u16("aead_id")));
        }
        int longest = reader.u8("maximum_name_length");
        String name = new String(reader.vec8("public_name"), StandardCharsets.ISO_8859_1);
        ByteReader extensions = reader.sub16("ech extensions");
        boolean mandatory = false;
        while (!extensions.isEmpty()) {
            mandatory |= (extensions.u16("ech extension") & MANDATORY) != 0;
            extensions.vec16("ech extension");
        }
        reader.end("ech config");
        byte[] encoded = ByteWriter.write(w -> w.u16(VERSION).vec16(contents));
        return new EchConfig(encoded, id, kem, key, List.copyOf(suites), longest, name, mandatory);
    }
}
