package io.tlsfleet.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Columns of a row as the product's values. A column that cannot be null is asked for without the question mark's kin. */
public final class Columns {
    private Columns() {}

    public static String text(Row row, String column) {
        return Objects.requireNonNull(row.getString(column), column);
    }

    public static @Nullable String textOrNull(Row row, String column) {
        return row.getString(column);
    }

    public static long number(Row row, String column) {
        return Objects.requireNonNull(row.getLong(column), column);
    }

    public static int integer(Row row, String column) {
        return Objects.requireNonNull(row.getInteger(column), column);
    }

    public static boolean flag(Row row, String column) {
        return Objects.requireNonNull(row.getBoolean(column), column);
    }

    public static Instant instant(Row row, String column) {
        return Objects.requireNonNull(instantOrNull(row, column), column);
    }

    /** Null also for the database's infinity. */
    public static @Nullable Instant instantOrNull(Row row, String column) {
        OffsetDateTime at = row.getOffsetDateTime(column);
        return at == null || at.equals(OffsetDateTime.MAX) || at.equals(OffsetDateTime.MIN) ? null : at.toInstant();
    }

    public static List<String> texts(Row row, String column) {
        String[] texts = row.getArrayOfStrings(column);
        return texts == null ? List.of() : List.of(texts);
    }

    /** A column selected as text: {@code body::text}. */
    public static JsonNode json(Row row, String column) {
        return Json.parse(text(row, column));
    }

    public static @Nullable JsonNode jsonOrNull(Row row, String column) {
        String text = row.getString(column);
        return text == null ? null : Json.parse(text);
    }

    public static byte[] bytes(Row row, String column) {
        return Objects.requireNonNull(bytesOrNull(row, column), column);
    }

    public static byte @Nullable [] bytesOrNull(Row row, String column) {
        Buffer buffer = row.getBuffer(column);
        return buffer == null ? null : buffer.getBytes();
    }

    public static @Nullable String hexOrNull(Row row, String column) {
        byte[] bytes = bytesOrNull(row, column);
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }
}
