package io.tlsfleet.store.query;

/** Open findings by severity. */
public record SeverityCounts(long critical, long high, long medium, long low, long info) {}
