package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** A silence that is in force. */
public record SilenceRow(long id, JsonNode matchers, Instant endsAt) {}
