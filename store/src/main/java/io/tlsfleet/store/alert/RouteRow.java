package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;

/** One line of the routing table, in the order of {@code position}. */
public record RouteRow(long id, long receiver, JsonNode matchers, JsonNode settings) {}
