package io.tlsfleet.fleet.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The one ObjectMapper. Times are RFC 3339 UTC with milliseconds, bytes are base64, enums are their words, and a part
 * that was not asked is absent.
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new Words())
            .addModule(new JavaTimeModule())
            .addModule(new Times())
            .addModule(new Shapes())
            .configure(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, false)
            .configure(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS, false)
            .configure(MapperFeature.ALLOW_COERCION_OF_SCALARS, false)
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true)
            .build();
    private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();
    private static final ObjectReader STRICT = MAPPER.reader()
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private static final Pattern PARSERS_OWN = Pattern.compile(
            " ?\\((start marker|bound as|for \\w+ starting)| ?\\(?at \\[Source| ?\\[Source| \\([0-9]+, from `|\n");

    private Json() {}

    /** For the edges that hand a mapper to a framework. Not to be configured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** On one line. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(Object value) {
        return write(value).getBytes(StandardCharsets.UTF_8);
    }

    /** What is wrong with a text that is no JSON, or with a value in it: in one line and a person's words. */
    public static String fault(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof JsonProcessingException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String said = cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage();
        return inOurWords(String.valueOf(said));
    }

    /** Without what the parser says of itself. */
    public static String inOurWords(String said) {
        return PARSERS_OWN.split(said, 2)[0].strip();
    }

    /** Indented, for people. */
    public static String pretty(Object value) {
        try {
            return PRETTY.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What this product wrote, perhaps a newer version of it: members that we do not know are passed over. */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static <T> T read(byte[] json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static <T> T read(JsonNode json, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a person or a script wrote, as it is: a member given twice is an error. */
    public static JsonNode parseInput(String json) throws JsonProcessingException {
        return STRICT.readTree(json);
    }

    /**
     * What a person or a script wrote: an unknown member, a member given twice or a number in quotes is an error with
     * its line and column.
     */
    public static <T> T readInput(String json, Class<T> type) {
        try {
            return STRICT.readValue(json, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
