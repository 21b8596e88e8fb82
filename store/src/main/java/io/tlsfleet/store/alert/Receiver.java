package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;

/** Who is told, and how. {@code secret} is sealed; only the notifier opens it. */
public record Receiver(
        long id, String name, String kind, JsonNode settings, byte[] secret, boolean disabled, boolean failing) {}
