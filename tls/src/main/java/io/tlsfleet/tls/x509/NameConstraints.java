package io.tlsfleet.tls.x509;

import java.util.List;

/** NameConstraints (RFC 5280 section 4.2.1.10) as read; null bases of an absent list are an empty list. */
public record NameConstraints(List<GeneralName> permitted, List<GeneralName> excluded) {}
