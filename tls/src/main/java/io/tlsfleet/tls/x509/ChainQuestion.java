package io.tlsfleet.tls.x509;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ChainJudge} is asked. {@code sent} is the chain as served, DER, leaf first; {@code known} are issuers
 * fetched by AIA or kept from elsewhere; {@code host} is the name to judge, null when none is; {@code staples} are
 * OCSPResponses by protocol label; {@code tlsScts} the data of signed_certificate_timestamp extensions.
 * {@code requireRevocation}: where a CRL of an issuer on the path was given, every certificate of that path has to be
 * covered, or its status is unknown (RFC 5280 section 6.3); else only a proven revocation counts. {@code policy} are the
 * inputs of RFC 5280 section 6.1.1 that TLS clients leave alone.
 */
public record ChainQuestion(
        List<byte[]> sent,
        List<byte[]> known,
        List<TrustStore> stores,
        @Nullable String host,
        Instant at,
        Map<String, byte[]> staples,
        List<byte[]> crls,
        List<byte[]> ocspResponses,
        List<byte[]> tlsScts,
        boolean requireRevocation,
        Policy policy) {

    public ChainQuestion {
        sent = List.copyOf(sent);
        known = List.copyOf(known);
        stores = List.copyOf(stores);
        staples = Map.copyOf(staples);
        crls = List.copyOf(crls);
        ocspResponses = List.copyOf(ocspResponses);
        tlsScts = List.copyOf(tlsScts);
    }

    /** With the policy inputs that a TLS client has: none. */
    public ChainQuestion(
            List<byte[]> sent,
            List<byte[]> known,
            List<TrustStore> stores,
            @Nullable String host,
            Instant at,
            Map<String, byte[]> staples,
            List<byte[]> crls,
            List<byte[]> ocspResponses,
            List<byte[]> tlsScts,
            boolean requireRevocation) {
        this(sent, known, stores, host, at, staples, crls, ocspResponses, tlsScts, requireRevocation, Policy.NONE);
    }

    /** Only a chain: no name, no network, no staple. */
    public static ChainQuestion of(List<byte[]> sent, List<TrustStore> stores, Instant at) {
        return new ChainQuestion(
                sent, List.of(), stores, null, at, Map.of(), List.of(), List.of(), List.of(), false, Policy.NONE);
    }

    public ChainQuestion withHost(@Nullable String name) {
        return new ChainQuestion(
                sent, known, stores, name, at, staples, crls, ocspResponses, tlsScts, requireRevocation, policy);
    }

    public ChainQuestion withKnown(List<byte[]> issuers) {
        return new ChainQuestion(
                sent, issuers, stores, host, at, staples, crls, ocspResponses, tlsScts, requireRevocation, policy);
    }

    public ChainQuestion withStaples(Map<String, byte[]> responses) {
        return new ChainQuestion(
                sent, known, stores, host, at, responses, crls, ocspResponses, tlsScts, requireRevocation, policy);
    }

    public ChainQuestion withTlsScts(List<byte[]> lists) {
        return new ChainQuestion(
                sent, known, stores, host, at, staples, crls, ocspResponses, lists, requireRevocation, policy);
    }

    public ChainQuestion withRevocation(List<byte[]> lists, List<byte[]> responses, boolean require) {
        return new ChainQuestion(sent, known, stores, host, at, staples, lists, responses, tlsScts, require, policy);
    }

    public ChainQuestion withPolicy(Policy inputs) {
        return new ChainQuestion(
                sent, known, stores, host, at, staples, crls, ocspResponses, tlsScts, requireRevocation, inputs);
    }

    /** Certificate policies that are acceptable (null: any), and what is asked of the path from its start. */
    public record Policy(
            @Nullable Set<String> acceptable, boolean explicit, boolean inhibitMapping, boolean inhibitAny) {
        public static final Policy NONE = new Policy(null, false, false, false);
    }
}
