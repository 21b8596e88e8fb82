package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** JSON in canonical form, and its SHA-256. */
public record Piece(byte[] sha256, JsonNode body, String text) {
    static Piece of(JsonNode canonical) {
        String text = canonical.toString();
        return new Piece(sha256(text.getBytes(StandardCharsets.UTF_8)), canonical, text);
    }

    /** The hash, in hex. */
    public String key() {
        return HexFormat.of().formatHex(sha256);
    }

    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
